{# The page's script: a template only so that it is loaded as the page is. #}
"use strict";
(() => {
  const tiles = [...document.querySelectorAll(".tile")];
  const box = document.getElementById("lightbox");
  const stage = box.querySelector(".stage");
  const caption = box.querySelector(".caption");
  const counter = box.querySelector(".counter");
  const find = document.getElementById("find");
  let current = null;
  let ready = [];
  let pushed = false;

  document.documentElement.classList.add("js");
  for (const image of document.querySelectorAll(".fade")) {
    const shown = () => image.classList.add("shown");
    if (image.complete && image.naturalWidth) shown();
    else image.addEventListener("load", shown, { once: true });
  }

  const visible = () => tiles.filter((tile) => !tile.parentElement.hidden);
  const hashOf = (tile) => "#photo=" + encodeURIComponent(tile.dataset.key);

  function tileOfHash() {
    if (!location.hash.startsWith("#photo=")) return null;
    let key;
    try {
      key = decodeURIComponent(location.hash.slice(7));
    } catch {
      return null;
    }
    return tiles.find((tile) => tile.dataset.key === key) ?? null;
  }

  // The tile's picture again, with its formats and sizes, at the size that the stage has for it.
  function framed(tile) {
    const picture = tile.querySelector("picture").cloneNode(true);
    const image = picture.querySelector("img");
    const placeholder = tile.querySelector(".placeholder");
    image.className = "";
    image.loading = "eager";
    image.style.backgroundColor = tile.style.backgroundColor;
    image.style.backgroundImage = placeholder ? placeholder.style.backgroundImage : "";
    fit(tile, picture);
    return picture;
  }

  // Of a film there is its silent loop.
  function moving(tile, picture) {
    const video = document.createElement("video");
    Object.assign(video, { muted: true, loop: true, autoplay: true, controls: true, playsInline: true });
    video.poster = picture.querySelector("img").src;
    video.src = tile.dataset.preview;
    video.setAttribute("aria-label", picture.querySelector("img").alt);
    return video;
  }

  function fit(tile, picture) {
    const width = Number(tile.dataset.width);
    const height = Number(tile.dataset.height);
    const scale = Math.min(stage.clientWidth / width, stage.clientHeight / height, 1.6);
    const image = picture.querySelector("img");
    image.style.width = Math.floor(width * scale) + "px";
    image.style.height = Math.floor(height * scale) + "px";
    for (const each of picture.children) each.sizes = image.style.width;
  }

  function show(tile) {
    current = tile;
    if (!box.open) {
      box.showModal();
      box.focus();
    }
    // The caption first: on a phone it decides what height is left for the stage.
    caption.replaceChildren(...tile.parentElement.querySelector(".details").cloneNode(true).childNodes);
    const picture = framed(tile);
    if (tile.dataset.preview) {
      const video = moving(tile, picture);
      video.style.cssText = picture.querySelector("img").style.cssText;
      stage.replaceChildren(video);
    } else {
      stage.replaceChildren(picture);
    }
    const all = visible();
    counter.textContent = all.indexOf(tile) + 1 + " / " + all.length;
    ready = [step(1), step(-1)].filter(Boolean).map(framed);
  }

  // Even rows: without this the style sheet fills every row but the last, which may hold a single photo.
  function layRows() {
    for (const rows of document.querySelectorAll("section.photos:not([hidden]) .rows")) {
      const figures = [...rows.children].filter((figure) => figure.matches(":not([hidden], .spare)"));
      const gap = parseFloat(getComputedStyle(rows).columnGap) || 0;
      const ideal = Math.min(268, Math.max(112, innerWidth * 0.2));
      const ratios = figures.map((figure) => parseFloat(figure.style.getPropertyValue("--ratio")));
      const sum = ratios.reduce((total, ratio) => total + ratio, 0);
      const width = rows.clientWidth;
      const count = Math.max(1, Math.round((sum * ideal) / width));
      if (width / sum > ideal * 1.5) {
        for (const figure of figures) figure.style.flex = "";
        continue;
      }
      let first = 0;
      let used = 0;
      for (let row = 1; row <= count && first < figures.length; row += 1) {
        const target = (sum * row) / count;
        let last = first + 1;
        let taken = used + ratios[first];
        while (last < figures.length && (row === count || taken + ratios[last] / 2 <= target)) {
          taken += ratios[last];
          last += 1;
        }
        const height = (width - gap * (last - first - 1) - 0.5) / (taken - used);
        for (let at = first; at < last; at += 1) figures[at].style.flex = "0 0 " + ratios[at] * height + "px";
        first = last;
        used = taken;
      }
    }
  }

  function step(by) {
    const all = visible();
    const place = all.indexOf(current);
    return all[(place + by + all.length) % all.length] ?? null;
  }

  function go(tile) {
    if (!tile || tile === current) return;
    history.replaceState(null, "", hashOf(tile));
    show(tile);
  }

  function sync() {
    const tile = tileOfHash();
    if (tile) show(tile);
    else if (box.open) close();
  }

  for (const tile of tiles) {
    tile.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      history.pushState(null, "", hashOf(tile));
      pushed = true;
      show(tile);
    });
  }

  function close() {
    if (box.open) box.close();
    if (!current) return;
    const last = current;
    current = null;
    stage.replaceChildren();
    ready = [];
    if (tileOfHash()) {
      if (pushed) history.back();
      else history.replaceState(null, "", location.pathname + location.search);
    }
    pushed = false;
    let figure = last.parentElement;
    while (figure.matches(".spare")) figure = figure.previousElementSibling;
    figure.querySelector(".tile").focus();
  }

  box.addEventListener("close", close);
  box.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  box.querySelector(".close").addEventListener("click", close);
  box.querySelector(".next").addEventListener("click", () => go(step(1)));
  box.querySelector(".previous").addEventListener("click", () => go(step(-1)));
  stage.addEventListener("click", (event) => {
    if (event.target === stage) close();
  });
  box.addEventListener("keydown", (event) => {
    const all = visible();
    const target = {
      ArrowRight: () => step(1),
      ArrowLeft: () => step(-1),
      Home: () => all[0],
      End: () => all[all.length - 1],
    }[event.key];
    if (!target) return;
    event.preventDefault();
    go(target());
  });

  let start = null;
  stage.addEventListener("touchstart", (event) => {
    start = event.touches.length === 1 ? event.touches[0] : null;
  }, { passive: true });
  stage.addEventListener("touchend", (event) => {
    if (!start) return;
    const end = event.changedTouches[0];
    const [across, down] = [end.clientX - start.clientX, end.clientY - start.clientY];
    if (Math.abs(across) > 48 && Math.abs(across) > 2 * Math.abs(down)) go(step(across < 0 ? 1 : -1));
    else if (down > 96 && down > 2 * Math.abs(across)) close();
    start = null;
  }, { passive: true });

  const people = [...document.querySelectorAll("[data-person]")];

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = people.filter((button) => button.ariaPressed === "true").map((button) => button.dataset.person);
    for (const tile of tiles) {
      const inIt = tile.dataset.people.split(" ");
      const shown =
        words.every((word) => tile.dataset.search.includes(word)) && chosen.every((person) => inIt.includes(person));
      tile.parentElement.hidden = !shown;
    }
    for (const section of document.querySelectorAll("section.photos")) {
      section.hidden = !section.querySelector("figure:not([hidden])");
    }
    document.getElementById("nothing").hidden = visible().length > 0;
    layRows();
  }

  find.addEventListener("input", filter);
  for (const button of people) {
    button.addEventListener("click", () => {
      button.ariaPressed = button.ariaPressed === "true" ? "false" : "true";
      filter();
    });
  }

  addEventListener("resize", () => {
    layRows();
    const picture = stage.querySelector("picture");
    if (current && picture) fit(current, picture);
  });
  addEventListener("popstate", sync);
  addEventListener("hashchange", sync);
  layRows();
  sync();
})();
