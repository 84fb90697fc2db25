/** A virtual timeline: of any number of photos, only those near the screen are in the page. */

import { monthOf, numberOf } from "../words.js";
import { Collection } from "./collection.js";
import { previewOn } from "./film.js";
import { guessed, justified } from "./justified.js";
import { aspectOf, blurOf, show, wordsFor } from "./picture.js";

const GAP = 4;
const HEADING = 76;
const NEAR = 800;
const FIRST_ROWS = 1; // which are fetched before the others on the screen
const BELOW = 80; // of the page below the last row
const REST = 80; // milliseconds after a leap until what is there is fetched; one that goes on passes it by
const FILLING = 5; // milliseconds of a frame

/**
 * Shows a collection in `element`, month by month, newest first. Where everything is, it computes: to ask the page
 * would have the browser lay it out again in each frame.
 */
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
    /** @type {{month: object, element: Element, grid: HTMLElement, heading: number, rows: object[], top: number,
     *   height: number, drawn: Map<number, HTMLElement>, isMoved: boolean}[]} `top` is within the timeline */
    this.sections = [];
    this.isSettled = false; // until what is on the screen first is there, nothing else is fetched
    this.collection = new Collection(asked, (month) => this.#changed(month));
    this.shown = 0; // the place of the screen's upper edge
    this.onScroll = () => {
      this.#look();
      this.#draw();
    };
    this.resized = new ResizeObserver(([{ contentRect }]) => {
      if (Math.floor(contentRect.width) !== this.width || window.innerHeight !== this.screen) this.#layOut();
    });
    this.filling = new Filling();
    this.scrubber = new Scrubber(this);
  }

  /** Fetch and show; the answer is awaited so that errors reach the page. */
  async open() {
    await this.collection.open();
    this.resized.observe(this.element);
    window.addEventListener("scroll", this.onScroll, { passive: true });
    this.#settle();
  }

  async #settle() {
    await this.filling.done();
    const images = [...this.element.querySelectorAll("img")];
    await Promise.allSettled(images.map((image) => image.decode()));
    this.isSettled = true;
    this.#draw();
  }

  leave() {
    this.resized.disconnect();
    clearTimeout(this.resting);
    clearTimeout(this.marking);
    window.removeEventListener("scroll", this.onScroll);
    this.scrubber.leave();
  }

  /** Return the height of the page, as far as it is the timeline's. */
  get height() {
    const last = this.sections.at(-1);
    return this.offset + (last ? last.top + last.height : 0) + BELOW;
  }

  /** Return the place of the section that is `below` pixels under the upper edge of the screen. */
  sectionAt(below) {
    return Math.max(0, this.sections.findLastIndex(({ top }) => top < this.shown + below));
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
    const row = section?.rows.findLast(({ first }) => first <= index - section.month.first);
    if (!row) return null;
    const top = this.offset + section.top + section.heading + row.top;
    const header = 80;
    if (top < window.scrollY + header || top + row.height > window.scrollY + innerHeight) {
      window.scrollTo(0, top - innerHeight / 3);
      this.#draw();
    }
    return section.drawn.get(index - section.month.first);
  }

  #changed(month) {
    const section = month && this.sections.find((each) => each.month === month);
    if (section) {
      const isAbove = this.offset + section.top + section.height < window.scrollY;
      const before = section.height;
      this.#layOutSection(section, this.#room());
      this.#place();
      clearTimeout(this.marking);
      this.marking = setTimeout(() => this.scrubber.layOut(), REST); // its marks hardly move
      if (isAbove) window.scrollBy(0, section.height - before);
    } else {
      this.element.replaceChildren();
      this.sections = this.collection.months.map((each) => this.#made(each));
      this.element.append(...this.sections.map(({ element }) => element));
    }
    if (this.collection.total !== this.total) this.tell.counted((this.total = this.collection.total));
    if (section) this.#draw();
    else this.#layOut();
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
      count.textContent = numberOf(month.count);
      heading.append(count);
      element.append(heading);
    }
    element.append(grid);
    const heading = month.month ? HEADING : 0;
    return { month, element, grid, heading, rows: [], top: 0, height: 0, drawn: new Map(), isMoved: false };
  }

  #room() {
    return { width: this.width, height: this.width < 600 ? 112 : this.width < 1100 ? 190 : 230, gap: GAP };
  }

  /** Note where the timeline is; within a frame before the page is changed, so that the browser knows it already. */
  #look() {
    const { top, width } = this.element.getBoundingClientRect();
    this.width = Math.floor(width);
    this.screen = window.innerHeight;
    this.offset = top + window.scrollY;
  }

  #layOut() {
    this.#look();
    if (!this.width) return;
    for (const section of this.sections) this.#layOutSection(section, this.#room());
    this.#place();
    this.scrubber.layOut();
    this.#draw();
  }

  #layOutSection(section, room) {
    const { photos, count, next } = section.month;
    const { rows, height } = justified(photos.map(aspectOf), room);
    const rest = next === null ? 0 : guessed(count - photos.length, room);
    const filled = Math.max(height + rest, 1);
    section.rows = rows;
    section.isMoved = true;
    section.height = section.heading + filled;
    section.grid.style.height = `${filled}px`;
  }

  #place() {
    let top = 0;
    for (const section of this.sections) {
      section.top = top;
      top += section.height;
    }
  }

  #draw() {
    const near = this.isSettled ? NEAR : 0;
    const shown = window.scrollY - this.offset;
    const [highest, lowest] = [shown - near, shown + this.screen + near];
    const isLeap = Math.abs(shown - this.shown) > this.screen;
    this.shown = shown;
    const wanted = [];
    for (const section of this.sections) {
      const top = section.top + section.heading;
      if (section.top + section.height < highest || section.top > lowest) {
        for (const tile of section.drawn.values()) tile.remove();
        section.drawn.clear();
        continue;
      }
      this.#drawSection(section, highest - top, lowest - top);
      const last = section.rows.at(-1);
      const known = last ? top + last.top + last.height : top;
      if (known < lowest && section.month.next !== null) wanted.push(section.month);
    }
    this.#fetch(wanted, isLeap);
    this.scrubber.follow();
  }

  #fetch(months, isLeap) {
    clearTimeout(this.resting);
    const fetch = () => months.forEach((month) => this.collection.fetchMore(month));
    if (isLeap && this.isSettled) this.resting = setTimeout(fetch, REST);
    else fetch();
  }

  #drawSection(section, highest, lowest) {
    const { rows, drawn } = section;
    const wanted = new Set();
    const room = this.#room();
    for (const row of rows) {
      if (row.top + row.height < highest || row.top > lowest) continue;
      let left = 0;
      row.widths.forEach((width, place) => {
        const index = row.first + place;
        wanted.add(index);
        let tile = drawn.get(index);
        if (!tile) {
          tile = this.#tile(section, index, width, row.top < room.height * FIRST_ROWS);
          drawn.set(index, tile);
          const before = drawn.get(index - 1);
          if (before) before.after(tile);
          else section.grid.prepend(tile);
        } else if (!section.isMoved) {
          left += width + GAP;
          return;
        }
        tile.style.width = `${width}px`;
        tile.style.height = `${row.height}px`;
        tile.style.transform = `translate(${left}px, ${row.top}px)`;
        left += width + GAP;
      });
    }
    section.isMoved = false;
    for (const [index, tile] of drawn) {
      if (!wanted.has(index)) {
        tile.remove();
        drawn.delete(index);
      }
    }
  }

  #tile(section, index, width, isFirst) {
    const photo = section.month.photos[index];
    const tile = document.createElement("a");
    tile.className = "tile";
    tile.href = `/photo/${photo.id}`;
    tile.dataset.id = photo.id;
    tile.style.backgroundColor = photo.color || "";
    const image = document.createElement("img");
    image.fetchPriority = this.isSettled ? "auto" : isFirst ? "high" : "low";
    tile.append(image);
    this.filling.add(tile, () => show(image, photo, width), photo);
    tile.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      if (this.chosen) this.#toggle(tile, photo);
      else this.tell.open(section.month.first + index);
    });
    this.#mark(tile);
    tile.setAttribute("aria-label", wordsFor(photo));
    if (photo.film) previewOn(tile, photo);
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

/** Gives tiles their pictures, and until these are there blurred ones; a few in each frame, in their order. */
class Filling {
  constructor() {
    this.waiting = [];
    this.blurring = [];
  }

  /** Begin with a tile's picture when it is its turn; one that has left the page by then is passed by. */
  add(tile, begin, photo) {
    if (!this.waiting.length && !this.blurring.length) requestAnimationFrame((now) => this.#go(now));
    this.waiting.push({ tile, begin });
    this.blurring.push({ tile, photo });
  }

  #go(began) {
    const hasTime = () => performance.now() - began < FILLING;
    while (this.waiting.length && hasTime()) {
      const { tile, begin } = this.waiting.shift();
      if (tile.isConnected) begin();
    }
    while (!this.waiting.length && this.blurring.length && hasTime()) {
      const { tile, photo } = this.blurring.shift();
      if (!tile.isConnected || tile.firstChild.complete) continue;
      const blur = blurOf(photo);
      if (blur) tile.style.backgroundImage = `url(${blur})`;
    }
    if (this.waiting.length || this.blurring.length) requestAnimationFrame((now) => this.#go(now));
  }

  /** Wait until no tile waits for its turn. */
  async done() {
    while (this.waiting.length) await new Promise(requestAnimationFrame);
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
    const { sections, offset, height } = this.timeline;
    this.element.hidden = sections.length < 2 || height < this.timeline.screen * 2;
    for (const mark of this.element.querySelectorAll(".year")) mark.remove();
    let last = "";
    let lowest = -Infinity;
    for (const { month, top } of sections) {
      const year = (month.month || "").slice(0, 4);
      const at = ((top + offset) / height) * 100;
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
    const { sections, height, screen, shown, offset } = this.timeline;
    if (!sections.length) return;
    const whole = Math.max(1, height - screen);
    this.handle.style.top = `${Math.min(1, Math.max(0, (shown + offset) / whole)) * 100}%`;
    const now = this.timeline.sectionAt(screen / 3);
    if (now === this.now && this.handle.textContent) return;
    this.now = now;
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
