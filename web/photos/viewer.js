/** One photo, as large as the screen, with its neighbours a swipe away and what is known of it beside it. */

import { ask } from "../api.js";
import { mayDownload } from "../pages/download.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import PhotoSwipe from "../vendor/photoswipe/photoswipe.esm.min.js";
import { stagesOf } from "../pages/stages.js";
import { bytesOf, lastingOf, momentOf } from "../words.js";
import { Player } from "./film.js";
import { closed, goBack, isOpen, opened } from "./opened.js";
import { aspectOf, blurOf, sourcesOf, wordsFor } from "./picture.js";

/**
 * Open the viewer; while it is open the address is that of the photo that it shows.
 *
 * @param {{at: (index: number) => object | null, total: number, need: (index: number) => Promise<void>}} photos
 * @param {number} index
 * @param {{thumbnail: (index: number) => Element | null, onClose: (index: number) => void, session: object,
 *   isAlone?: boolean}} around `isAlone` where there is no page below it
 */
export function view(photos, index, { thumbnail, onClose, session, isAlone = false }) {
  if (!isAlone) history.pushState(null, "", `/photo/${photos.at(index).id}`);
  const swipe = new PhotoSwipe({
    index,
    dataSource: [],
    loop: false,
    bgOpacity: 1,
    wheelToZoom: true,
    showHideAnimationType: matchMedia("(prefers-reduced-motion: reduce)").matches ? "none" : "zoom",
    paddingFn: ({ x, y }) => ({
      top: 0,
      left: 0,
      right: isTold() && x > 900 ? 360 : 0,
      bottom: isTold() && x <= 900 ? y * 0.54 : 0,
    }),
    closeTitle: "Close",
    zoomTitle: "Zoom",
    arrowPrevTitle: "The photo before",
    arrowNextTitle: "The next photo",
    errorMsg: "This photo cannot be shown. Look whether you are online.",
  });
  const panel = document.createElement("aside");
  panel.className = "told";
  panel.setAttribute("aria-label", "What is known of this photo");
  const isTold = () => document.documentElement.classList.contains("telling");

  swipe.addFilter("numItems", () => photos.total);
  swipe.addFilter("itemData", (item, place) => {
    const photo = photos.at(place);
    if (!photo) {
      photos.need(place).then(() => swipe.refreshSlideContent(place));
      return { html: '<p class="waiting">One moment</p>' };
    }
    if (photo.film && !photo.moving) return { type: "film", photo, msrc: blurOf(photo) || undefined, width: photo.width, height: photo.height };
    const sources = sourcesOf(photo);
    const largest = sources.at(-1) || {};
    const width = photo.width || largest.width;
    return {
      src: largest.url,
      srcset: sources.length > 1 ? sources.map((each) => `${each.url} ${each.width}w`).join(", ") : undefined,
      width,
      height: Math.round(width / (photo.width ? photo.width / photo.height : aspectOf(photo))),
      msrc: blurOf(photo) || undefined,
      alt: wordsFor(photo),
    };
  });
  swipe.addFilter("thumbEl", (element, item, place) => thumbnail(place) || element);
  swipe.addFilter("placeholderSrc", (source, content) => {
    const photo = photos.at(content.index);
    return (photo && blurOf(photo)) || source;
  });

  const players = showFilms(swipe);

  const tell = async () => {
    const photo = photos.at(swipe.currIndex);
    if (!photo) return;
    if (isOpen()) history.replaceState(null, "", `/photo/${photo.id}`);
    if (!isTold()) return;
    render(html`<p class="waiting">One moment</p>`, panel);
    try {
      const all = await ask(`photos/${photo.id}`);
      if (photos.at(swipe.currIndex) === photo) render(told(all, session), panel);
    } catch (problem) {
      render(html`<p>${problem.message}</p>`, panel);
    }
  };

  swipe.on("uiRegister", () => {
    swipe.ui.registerElement({
      name: "about",
      title: "About this photo (I)",
      ariaLabel: "About this photo",
      order: 8,
      isButton: true,
      html: { isCustomSVG: true, inner: '<circle cx="16" cy="16" r="10" fill="none" stroke="currentColor" stroke-width="2"/><path d="M16 15v6M16 11v.5" stroke="currentColor" stroke-width="2.4" stroke-linecap="round"/>', outlineID: "about-icon" },
      onClick: () => toggle(),
    });
  });
  const moving = letMove(swipe, photos);
  const toggle = () => {
    document.documentElement.classList.toggle("telling");
    swipe.updateSize(true);
    tell();
  };
  swipe.on("keydown", ({ originalEvent }) => {
    if (originalEvent.metaKey || originalEvent.ctrlKey) return;
    if (originalEvent.key === "i") toggle();
    if (originalEvent.key === "p") moving.toggle();
  });
  swipe.on("change", tell);
  swipe.on("initialLayout", () => {
    swipe.element.setAttribute("aria-label", "Photo");
    swipe.element.append(panel);
  });
  swipe.on("close", () => {
    if (isOpen() && !isAlone) goBack();
  });
  swipe.on("destroy", () => {
    players.clear();
    closed();
    onClose(swipe.currIndex);
  });
  opened(swipe, isAlone);
  swipe.init();
  tell();
}

/** Have a button for photos that move, which plays their moving part over them, once. */
function letMove(swipe, photos) {
  let player = null;
  const stop = () => {
    player?.leave();
    player?.element.remove();
    player = null;
  };
  const toggle = () => {
    const photo = photos.at(swipe.currIndex);
    if (player || !photo?.moving) return stop();
    player = new Player(photo);
    player.element.classList.add("moving");
    player.video.controls = false;
    const { left, top, width, height } = swipe.currSlide.content.element.getBoundingClientRect();
    Object.assign(player.element.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    player.video.addEventListener("ended", stop);
    swipe.element.append(player.element);
    player.begin();
  };
  swipe.on("uiRegister", () => {
    swipe.ui.registerElement({
      name: "moves",
      title: "Play (P)",
      ariaLabel: "Play what moves in this photo",
      order: 7,
      isButton: true,
      html: { isCustomSVG: true, inner: '<circle cx="16" cy="16" r="10" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="2 2.2"/><path d="M13 11l8 5-8 5z" fill="currentColor"/>', outlineID: "moves-icon" },
      onClick: toggle,
      onInit: (element) =>
        swipe.on("change", () => (element.style.display = photos.at(swipe.currIndex)?.moving ? "" : "none")),
    });
  });
  swipe.on("change", stop);
  swipe.on("destroy", stop);
  return { toggle };
}

/** Have a player where the viewer shows a film; return those that there are. */
function showFilms(swipe) {
  const players = new Set();
  const of = (content) => content?.player;
  swipe.on("contentLoad", (event) => {
    const { content } = event;
    if (content.type !== "film") return;
    event.preventDefault();
    content.player = new Player(content.data.photo);
    content.element = content.player.element;
    players.add(content.player);
    content.onLoaded();
  });
  swipe.on("contentActivate", ({ content }) => of(content)?.begin());
  swipe.on("contentDeactivate", ({ content }) => of(content)?.pause());
  swipe.on("contentDestroy", ({ content }) => {
    of(content)?.leave();
    players.delete(of(content));
  });
  swipe.on("pointerDown", (event) => {
    if (of(swipe.currSlide?.content)?.hasControlsAt(event.originalEvent)) event.preventDefault();
  });
  swipe.on("keydown", (event) => {
    const player = of(swipe.currSlide?.content);
    const { key, target } = event.originalEvent;
    if (!player) return;
    if (target === player.video && key.startsWith("Arrow")) event.preventDefault(); // it seeks
    if (key === " " && target !== player.video && !target.closest?.("button, a")) {
      event.originalEvent.preventDefault();
      player.video[player.video.paused ? "play" : "pause"]();
    }
  });
  swipe.on("destroy", () => players.forEach((player) => player.leave()));
  return players;
}

function told(photo, session) {
  const { metadata = {}, original } = photo;
  const { place = {}, camera = {}, lens = {}, exposure = {}, gps } = metadata;
  const where = [place.locality || place.city, place.region, place.country].filter(Boolean);
  const how = [
    exposure.focal_length_mm && `${Math.round(exposure.focal_length_mm)} mm`,
    exposure.f_number && `ƒ/${exposure.f_number}`,
    exposure.seconds && (exposure.seconds < 0.5 ? `1/${Math.round(1 / exposure.seconds)} s` : `${exposure.seconds} s`),
    exposure.iso && `ISO ${exposure.iso}`,
  ].filter(Boolean);
  const words = metadata.title || metadata.description;
  return html`
    ${metadata.title ? html`<h2>${metadata.title}</h2>` : nothing}
    ${metadata.description ? html`<p>${metadata.description}</p>` : nothing}
    ${words ? nothing : html`<h2>${photo.taken_at ? momentOf(photo.taken_at) : photo.filename}</h2>`}
    <dl>
      ${photo.taken_at && words ? row("Taken", momentOf(photo.taken_at)) : nothing}
      ${where.length ? row("Place", [...new Set(where)].join(", ")) : nothing}
      ${gps ? row("Position", `${gps.latitude.toFixed(4)}, ${gps.longitude.toFixed(4)}`) : nothing}
      ${photo.people.length
        ? row("People", html`<ul class="chips">${photo.people.map((person) => html`<li><a href="/people?id=${person.id}">${person.name || "Somebody"}</a></li>`)}</ul>`)
        : nothing}
      ${photo.labels.length
        ? row("Shows", html`<ul class="chips">${photo.labels.slice(0, 12).map((label) => html`<li><a href="/search?q=${encodeURIComponent(label)}">${label}</a></li>`)}</ul>`)
        : nothing}
      ${photo.text.length ? row("Reads", photo.text.join(" · ")) : nothing}
      ${photo.memory ? row("Memory", html`<a href="/memories?id=${encodeURIComponent(photo.memory.id)}">${photo.memory.title}</a>`) : nothing}
      ${row("Album", html`<a href="/albums?id=${encodeURIComponent(photo.album)}">${photo.album}</a>`)}
      ${camera.model ? row("Camera", [camera.model.startsWith(camera.make) ? "" : camera.make, camera.model].filter(Boolean).join(" ")) : nothing}
      ${lens.model ? row("Lens", lens.model) : nothing}
      ${how.length ? row("Exposure", how.join(" · ")) : nothing}
      ${photo.film && !photo.moving ? row("Length", lastingOf(photo.film.seconds)) : nothing}
      ${row("File", photo.filename)}
      ${original ? row("Size", `${original.width} × ${original.height} · ${bytesOf(original.bytes)}`) : nothing}
    </dl>
    ${session.role === "owner" ? stagesOf(photo) : nothing}
    ${mayDownload(session) ? html`<a class="button" href="/api/photos/${photo.id}/original" download>Download the original</a>` : nothing}
  `;
}

function row(name, value) {
  return html`<dt>${name}</dt><dd>${value}</dd>`;
}
