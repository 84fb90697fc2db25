/** A virtual timeline: of any number of photos, only those near the screen are in the page. */

import { monthOf } from "../words.js";
import { Collection } from "./collection.js";
import { guessed, justified } from "./justified.js";
import { aspectOf, blurOf, show, wordsFor } from "./picture.js";

const GAP = 4;
const HEADING = 76;
const NEAR = 800;

/** Shows a collection in `element`, month by month, newest first. */
export class Timeline {
  /**
   * @param {HTMLElement} element  @param {object} asked see `Collection`
   * @param {{open: (index: number) => void, chosen: (ids: Set<string>) => void, counted: (total: number) => void}} tell
   */
  constructor(element, asked, tell) {
    this.element = element;
    this.tell = tell;
    /** @type {Set<string> | null} the photos that are chosen; null while a press opens a photo */
    this.chosen = null;
    this.sections = [];
    this.collection = new Collection(asked, (month) => this.#changed(month));
    this.onScroll = () => this.#draw();
    this.resized = new ResizeObserver(() => this.#layOut());
    this.scrubber = new Scrubber(this);
  }

  /** Fetch and show; the answer is awaited so that errors reach the page. */
  async open() {
    await this.collection.open();
    this.resized.observe(this.element);
    window.addEventListener("scroll", this.onScroll, { passive: true });
  }

  leave() {
    this.resized.disconnect();
    window.removeEventListener("scroll", this.onScroll);
    this.scrubber.leave();
  }

  /** Let presses choose photos, or open them again. */
  choose(isChoosing) {
    this.chosen = isChoosing ? new Set() : null;
    this.element.classList.toggle("choosing", isChoosing);
    for (const tile of this.element.querySelectorAll(".tile")) this.#mark(tile);
    this.tell.chosen(this.chosen || new Set());
  }

  /** Bring the photo at a place of the whole to the screen, and return its tile. */
  reveal(index) {
    const section = this.sections.find(({ month }) => index < month.first + month.count);
    const row = section && this.#rowOf(section, index - section.month.first);
    if (!row) return null;
    const top = section.element.offsetTop + section.heading + row.top + this.element.offsetTop;
    const header = 80;
    if (top < window.scrollY + header || top + row.height > window.scrollY + innerHeight) {
      window.scrollTo(0, top - innerHeight / 3);
      this.#draw();
    }
    return section.element.querySelector(`[data-index="${index - section.month.first}"]`);
  }

  #rowOf(section, index) {
    return section.rows.findLast((row) => row.first <= index);
  }

  #changed(month) {
    if (month && this.sections.length === this.collection.months.length) {
      const section = this.sections.find((each) => each.month === month);
      if (section) this.#layOutSection(section, true);
    } else {
      this.element.replaceChildren();
      this.sections = this.collection.months.map((each) => this.#made(each));
      this.#layOut();
    }
    this.tell.counted(this.collection.total);
    this.#draw();
  }

  #made(month) {
    const element = document.createElement("section");
    element.className = "month";
    const grid = document.createElement("div");
    grid.className = "grid";
    if (month.month) {
      const heading = document.createElement("h2");
      heading.textContent = monthOf(month.month);
      const count = document.createElement("small");
      count.textContent = month.count.toLocaleString("en");
      heading.append(count);
      element.append(heading);
    }
    element.append(grid);
    this.element.append(element);
    return { month, element, grid, heading: month.month ? HEADING : 0, rows: [], drawn: new Map() };
  }

  #room() {
    const width = Math.floor(this.element.clientWidth);
    return { width, height: width < 600 ? 112 : width < 1100 ? 190 : 230, gap: GAP };
  }

  #layOut() {
    for (const section of this.sections) this.#layOutSection(section, false);
    this.scrubber.layOut();
    this.#draw();
  }

  #layOutSection(section, keepPlace) {
    const room = this.#room();
    if (!room.width) return;
    const { photos, count, next } = section.month;
    const { rows, height } = justified(photos.map(aspectOf), room);
    const rest = next === null ? 0 : guessed(count - photos.length, room);
    const before = section.element.offsetHeight;
    const isAbove = section.element.getBoundingClientRect().bottom < 0;
    section.rows = rows;
    for (const tile of section.drawn.values()) tile.remove();
    section.drawn.clear();
    section.grid.style.height = `${Math.max(height + rest, 1)}px`;
    if (keepPlace && isAbove) window.scrollBy(0, section.element.offsetHeight - before);
    if (keepPlace) this.scrubber.layOut();
  }

  #draw() {
    const lowest = innerHeight + NEAR;
    for (const section of this.sections) {
      const top = section.grid.getBoundingClientRect().top;
      const bottom = top + section.grid.offsetHeight;
      if (bottom < -NEAR || top > lowest) {
        for (const tile of section.drawn.values()) tile.remove();
        section.drawn.clear();
        continue;
      }
      const wanted = new Set();
      for (const row of section.rows) {
        if (top + row.top + row.height < -NEAR || top + row.top > lowest) continue;
        let left = 0;
        row.widths.forEach((width, place) => {
          const index = row.first + place;
          wanted.add(index);
          if (!section.drawn.has(index)) {
            const tile = this.#tile(section, index, width);
            Object.assign(tile.style, {
              width: `${width}px`,
              height: `${row.height}px`,
              transform: `translate(${left}px, ${row.top}px)`,
            });
            section.drawn.set(index, tile);
            const after = section.drawn.get(index - 1);
            if (after) after.after(tile);
            else section.grid.prepend(tile);
          }
          left += width + GAP;
        });
      }
      for (const [index, tile] of section.drawn) {
        if (!wanted.has(index)) {
          tile.remove();
          section.drawn.delete(index);
        }
      }
      const last = section.rows.at(-1);
      const known = last ? top + last.top + last.height : top;
      if (known < lowest) section.month.next !== null && this.collection.fetchMore(section.month);
    }
    this.scrubber.follow();
  }

  #tile(section, index, width) {
    const photo = section.month.photos[index];
    const tile = document.createElement("a");
    tile.className = "tile";
    tile.href = `/photo/${photo.id}`;
    tile.dataset.index = index;
    tile.dataset.id = photo.id;
    tile.style.backgroundColor = photo.color || "";
    const blur = blurOf(photo);
    if (blur) tile.style.backgroundImage = `url(${blur})`;
    const image = document.createElement("img");
    image.addEventListener("load", () => tile.classList.add("there"), { once: true });
    show(image, photo, width);
    tile.append(image);
    tile.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      if (this.chosen) this.#toggle(tile, photo);
      else this.tell.open(section.month.first + index);
    });
    this.#mark(tile);
    tile.setAttribute("aria-label", wordsFor(photo));
    return tile;
  }

  #toggle(tile, photo) {
    if (!this.chosen.delete(photo.id)) this.chosen.add(photo.id);
    this.#mark(tile);
    this.tell.chosen(this.chosen);
  }

  #mark(tile) {
    if (this.chosen) {
      tile.setAttribute("role", "checkbox");
      tile.setAttribute("aria-checked", String(this.chosen.has(tile.dataset.id)));
    } else {
      tile.removeAttribute("role");
      tile.removeAttribute("aria-checked");
    }
  }
}

/** The strip at the right edge, where one goes to another time at once. */
class Scrubber {
  constructor(timeline) {
    this.timeline = timeline;
    this.element = document.createElement("div");
    this.element.className = "scrubber";
    this.element.tabIndex = 0;
    for (const [name, value] of [
      ["role", "slider"],
      ["aria-label", "Time"],
      ["aria-orientation", "vertical"],
      ["aria-valuemin", "0"],
    ]) {
      this.element.setAttribute(name, value);
    }
    this.handle = document.createElement("div");
    this.handle.className = "handle";
    this.element.append(this.handle);
    document.getElementById("content").append(this.element);
    this.element.addEventListener("pointerdown", (event) => {
      this.element.setPointerCapture(event.pointerId);
      this.element.classList.add("held");
      this.#go(event);
    });
    this.element.addEventListener("pointermove", (event) => this.element.classList.contains("held") && this.#go(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.element.addEventListener(end, () => this.element.classList.remove("held"));
    }
    this.element.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6, Home: -1e9, End: 1e9 }[event.key];
      if (!step) return;
      event.preventDefault();
      const { sections } = timeline;
      const to = Math.min(sections.length - 1, Math.max(0, this.now + step));
      sections[to].element.scrollIntoView();
    });
    this.now = 0;
  }

  leave() {
    this.element.remove();
  }

  layOut() {
    const { sections } = this.timeline;
    const whole = document.documentElement.scrollHeight;
    this.element.hidden = sections.length < 2 || whole < innerHeight * 2;
    for (const mark of this.element.querySelectorAll(".year")) mark.remove();
    let last = "";
    let lowest = -Infinity;
    for (const { month, element } of sections) {
      const year = (month.month || "").slice(0, 4);
      const at = ((element.offsetTop + this.timeline.element.offsetTop) / whole) * 100;
      if (year === last || !/^\d/.test(year) || at - lowest < 4) continue;
      const mark = document.createElement("span");
      mark.className = "year";
      mark.textContent = year;
      mark.style.top = `${at}%`;
      this.element.append(mark);
      last = year;
      lowest = at;
    }
    this.element.setAttribute("aria-valuemax", String(Math.max(0, sections.length - 1)));
    this.follow();
  }

  follow() {
    const { sections } = this.timeline;
    if (!sections.length) return;
    const whole = Math.max(1, document.documentElement.scrollHeight - innerHeight);
    this.handle.style.top = `${Math.min(1, Math.max(0, window.scrollY / whole)) * 100}%`;
    const passed = sections.findLastIndex(({ element }) => element.getBoundingClientRect().top < innerHeight / 3);
    this.now = Math.max(0, passed);
    const { month } = sections[this.now].month;
    this.handle.textContent = month ? monthOf(month) : "";
    this.element.setAttribute("aria-valuenow", String(this.now));
    this.element.setAttribute("aria-valuetext", this.handle.textContent);
  }

  #go(event) {
    const { top, height } = this.element.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientY - top) / height));
    window.scrollTo(0, part * (document.documentElement.scrollHeight - innerHeight));
  }
}
