/** Dates, numbers and states as people say them. */

const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short", timeZone: "UTC" });
const NUMBER = new Intl.NumberFormat("en");

/** Return the name of a month such as `2024-06`; what has no date is called so. */
export function monthOf(month) {
  return month === "undated" ? "Without a date" : MONTH.format(new Date(`${month}-01T00:00:00Z`));
}

/** Return the day of a wall clock's time such as `2024-06-01T10:00:00`. */
export function dayOf(taken) {
  return DAY.format(wallClock(taken));
}

/** Return the day and the time of a wall clock. */
export function momentOf(taken) {
  return MOMENT.format(wallClock(taken));
}

/** Return two days as one span; times may be missing. */
export function spanOf(from, to) {
  if (!from || !to) return "";
  return DAY.formatRange(wallClock(from), wallClock(to));
}

/** Return a number of things: `1 photo`, `2,000 photos`. */
export function counted(number, one, many = `${one}s`) {
  return `${NUMBER.format(number)} ${number === 1 ? one : many}`;
}

/** Return a number of bytes as people read it. */
export function bytesOf(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  let power = 0;
  while (bytes >= 999.5 && power < units.length - 1) {
    bytes /= 1000;
    power += 1;
  }
  return `${bytes < 9.95 && power ? bytes.toFixed(1) : Math.round(bytes)} ${units[power]}`;
}

/** Return the last part of an album's name, and the albums that it is in. */
export function albumParts(album) {
  const parts = album.split("/");
  return { name: parts.pop(), within: parts.join(" › ") };
}

const STATES = {
  PROCESSING: "Being made",
  ACTIVE: "In the library",
  HELD: "Held",
  REJECTED: "Rejected",
  FAILED: "Failed",
  REMOVED: "Removed",
};

/** Return the word for a photo's status. */
export function stateOf(status) {
  return STATES[status] || status;
}

function wallClock(taken) {
  return new Date(`${taken.slice(0, 19)}${taken.length > 10 ? "Z" : "T00:00:00Z"}`);
}
