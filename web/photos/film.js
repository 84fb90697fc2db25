/** A film: what a tile shows of it, and the player. */

import { blurOf, sourcesOf, wordsFor } from "./picture.js";

const PRESS = 350; // milliseconds until a finger that rests plays the preview
const APPLES = "application/vnd.apple.mpegurl";

/** Let `tile` tell how long a film lasts, or that a photo moves, and play it while a pointer or the focus is on it. */
export function previewOn(tile, photo) {
  const length = document.createElement("span");
  length.className = "length";
  length.textContent = photo.moving ? "Live" : clockOf(photo.film.seconds);
  tile.append(length);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  let waiting = 0;
  const play = () => {
    if (tile.querySelector("video")) return;
    const video = document.createElement("video");
    Object.assign(video, { muted: true, loop: true, playsInline: true, autoplay: true, src: photo.film.preview });
    video.setAttribute("aria-hidden", "true");
    length.before(video);
  };
  const stop = () => {
    clearTimeout(waiting);
    tile.querySelector("video")?.remove();
  };
  tile.addEventListener("pointerenter", ({ pointerType }) => pointerType === "mouse" && play());
  tile.addEventListener("pointerdown", ({ pointerType }) => {
    if (pointerType !== "mouse") waiting = setTimeout(play, PRESS);
  });
  tile.addEventListener("focus", () => tile.matches(":focus-visible") && play());
  for (const end of ["pointerleave", "pointerup", "pointercancel", "blur"]) tile.addEventListener(end, stop);
  tile.addEventListener("contextmenu", (event) => tile.querySelector("video") && event.preventDefault());
}

/** Return how long a film lasts, as clocks tell it: `0:07`, `1:02:03`. */
export function clockOf(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [first, ...rest] = parts[0] ? parts : parts.slice(1);
  return [first, ...rest.map((part) => String(part).padStart(2, "0"))].join(":");
}

/** A player of one film, with the browser's own controls. */
export class Player {
  /** @param {object} photo */
  constructor(photo) {
    this.photo = photo;
    this.element = document.createElement("div");
    this.element.className = "film";
    this.video = document.createElement("video");
    Object.assign(this.video, { controls: true, playsInline: true, preload: "metadata" });
    this.video.poster = sourcesOf(photo).at(-1)?.url || blurOf(photo);
    this.video.setAttribute("aria-label", wordsFor(photo));
    if (photo.width) Object.assign(this.video, { width: photo.width, height: photo.height });
    this.element.append(this.video);
  }

  /** Begin to fetch, and to play where the browser lets it. */
  async begin() {
    if (this.begun) return;
    this.begun = true;
    const { playlist } = this.photo.film;
    if (this.video.canPlayType(APPLES) && (navigator.vendor.startsWith("Apple") || !window.MediaSource)) {
      this.video.src = playlist; // which Safari does best by itself
    } else {
      const { default: Hls } = await import("../vendor/hls.js/hls.min.mjs");
      if (this.isLeft) return;
      this.hls = new Hls({ enableWorker: false, capLevelToPlayerSize: true }); // a worker would be made of a blob
      this.hls.on(Hls.Events.ERROR, (_, { fatal }) => fatal && this.#fail());
      this.hls.loadSource(playlist);
      this.hls.attachMedia(this.video);
    }
    this.video.addEventListener("error", () => this.#fail());
    this.video.play().catch(() => {}); // it is for the visitor to begin
  }

  /** Stop, and stay where it is. */
  pause() {
    this.video.pause();
  }

  /** Stop for good, and fetch no more. */
  leave() {
    this.isLeft = true;
    this.pause();
    this.hls?.destroy();
  }

  /** Tell whether a pointer is on the controls, which then are moved, and not the viewer. */
  hasControlsAt(event) {
    return event.target === this.video && event.clientY > this.video.getBoundingClientRect().bottom - 96;
  }

  #fail() {
    if (this.isLeft || this.element.querySelector("[role=alert]")) return;
    const problem = document.createElement("p");
    problem.setAttribute("role", "alert");
    problem.textContent = "This film cannot be played. Look whether you are online.";
    this.element.append(problem);
  }
}
