/** How a photo becomes a picture on the page. */

import { thumbHashToDataURL } from "../vendor/thumbhash/thumbhash.js";
import { dayOf, lastingOf } from "../words.js";

const blurred = new Map();

/** Return the blurred picture that stands for a photo until it is there, as a URL; empty where there is none. */
export function blurOf(photo) {
  if (!photo.thumbhash) return "";
  if (!blurred.has(photo.thumbhash)) {
    const bytes = Uint8Array.from(atob(photo.thumbhash), (character) => character.charCodeAt(0));
    blurred.set(photo.thumbhash, thumbHashToDataURL(bytes));
  }
  return blurred.get(photo.thumbhash);
}

/** Return width by height; photos of unknown size are taken for squares. */
export function aspectOf(photo) {
  return photo.width && photo.height ? Math.min(4, Math.max(0.4, photo.width / photo.height)) : 1;
}

/** Return the pictures for `srcset`, but those that are cropped to another shape. */
export function sourcesOf(photo) {
  const whole = photo.images.filter(
    ({ width, height }) => !width || Math.abs(width / height / (photo.width / photo.height) - 1) < 0.03,
  );
  return whole.length ? whole : photo.images;
}

/** Make `image` show `photo`, so many pixels wide. */
export function show(image, photo, width) {
  const sources = sourcesOf(photo);
  image.alt = wordsFor(photo);
  image.decoding = "async";
  image.sizes = `${Math.ceil(width)}px`;
  if (sources.length > 1) image.srcset = sources.map((each) => `${each.url} ${each.width}w`).join(", ");
  if (sources.length) image.src = sources[0].url;
}

/** Return what a photo is called to those who do not see it. */
export function wordsFor(photo) {
  const film = photo.film && (photo.moving ? "a photo that moves" : `a film of ${lastingOf(photo.film.seconds)}`);
  return [photo.filename, film, photo.taken_at && dayOf(photo.taken_at)].filter(Boolean).join(", ");
}
