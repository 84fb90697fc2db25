/** Dates, numbers and states as people say them. */

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** Return the name of a month such as `2024-06`; what has no date is called so. */
export function monthOf(month) {
  return month === "undated" ? "Without a date" : `${MONTHS[month.slice(5, 7) - 1]} ${month.slice(0, 4)}`;
}

/** Return the day of a wall clock's time such as `2024-06-01T10:00:00`. */
export function dayOf(taken) {
  return `${Number(taken.slice(8, 10))} ${monthOf(taken)}`;
}

/** Return the day and the time of a wall clock. */
export function momentOf(taken) {
  const weekday = WEEKDAYS[new Date(`${taken.slice(0, 10)}T00:00:00Z`).getUTCDay()];
  return [`${weekday}, ${dayOf(taken)}`, taken.slice(11, 16)].filter(Boolean).join(", ");
}

/** Return two days as one span; times may be missing. */
export function spanOf(from, to) {
  if (!from || !to) return "";
  const [first, last] = [dayOf(from), dayOf(to)];
  if (first === last) return last;
  const shared = from.slice(0, 7) === to.slice(0, 7) ? 2 : from.slice(0, 4) === to.slice(0, 4) ? 1 : 0;
  return `${first.split(" ").slice(0, 3 - shared).join(" ")} – ${last}`;
}

/** Return a number with its thousands apart. */
export function numberOf(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Return a number of things: `1 photo`, `2,000 photos`. */
export function counted(number, one, many = `${one}s`) {
  return `${numberOf(number)} ${number === 1 ? one : many}`;
}

/** Return how long something lasts, in words. */
export function lastingOf(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  const minutes = whole >= 60 && counted(Math.floor(whole / 60), "minute");
  return [minutes, whole % 60 > 0 && counted(whole % 60, "second")].filter(Boolean).join(" ");
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
