/** The photos of a part of the library, by months, fetched as they are needed. */

import { ask } from "../api.js";

const PAGE = 200;
const FIRST = 60; // photos that come along with the months

/** Return the query by which a timeline opens. */
export function opening(asked) {
  return { ...asked, first: FIRST };
}

/** What is asked of the library: `album`, `person`, `memory`, `place` and `q`, each of which may be missing. */
export class Collection {
  /** @param {object} asked  @param {() => void} onChange called when more of it is known */
  constructor(asked, onChange) {
    this.asked = asked;
    this.onChange = onChange;
    this.total = 0;
    /** @type {{month: string | null, count: number, photos: object[], next: string | null, first: number}[]} */
    this.months = [];
  }

  /** Find out which months there are, and what comes first. */
  async open() {
    const told = await ask("timeline", { query: opening(this.asked) });
    const isRanked = Boolean(this.asked.q); // what is searched for comes best first
    const months = isRanked ? [{ month: null, count: told.total }] : told.months;
    const monthOf = ({ taken_at }) => (isRanked ? null : (taken_at?.slice(0, 7) ?? "undated"));
    const first = Map.groupBy(told.photos, monthOf);
    const last = told.photos.length ? monthOf(told.photos.at(-1)) : undefined;
    this.months = months
      .filter(({ count }) => count)
      .map(({ month, count }) => {
        const photos = first.get(month) ?? [];
        const next = photos.length === count ? null : month === last ? told.next : "";
        return { month, count, photos, next, first: 0, fetching: null };
      });
    this.#place();
    this.onChange();
  }

  /** Fetch one more page of a month, unless all of it is there. */
  fetchMore(month) {
    if (month.next === null || month.fetching) return month.fetching;
    month.fetching = this.#fetch(month).finally(() => (month.fetching = null));
    return month.fetching.then(() => this.onChange(month)); // who hears of it may want the page after it
  }

  async #fetch(month) {
    const query = { ...this.asked, month: month.month, cursor: month.next, limit: PAGE };
    const { photos, next } = await ask("photos", { query });
    month.photos.push(...photos);
    month.next = next;
    if (next === null) this.#settle(month, month.photos.length);
  }

  /** Return the photo at a place of the whole; null where it is not fetched yet. */
  at(index) {
    const month = this.monthAt(index);
    return (month && month.photos[index - month.first]) || null;
  }

  /** Return the month that a place of the whole is in. */
  monthAt(index) {
    return this.months.find((month) => index < month.first + month.count);
  }

  /** Return the place of a photo that was fetched; -1 where it was not. */
  indexOf(id) {
    for (const month of this.months) {
      const found = month.photos.findIndex((photo) => photo.id === id);
      if (found >= 0) return month.first + found;
    }
    return -1;
  }

  /** Take photos out that are there no more. */
  without(ids) {
    for (const month of this.months) {
      const left = month.photos.filter((photo) => !ids.has(photo.id));
      const gone = month.photos.length - left.length;
      month.photos = left;
      if (gone) this.#settle(month, month.count - gone);
    }
    this.months = this.months.filter((month) => month.count);
    this.onChange();
  }

  #settle(month, count) {
    month.count = count;
    this.#place();
  }

  #place() {
    let first = 0;
    for (const each of this.months) {
      each.first = first;
      first += each.count;
    }
    this.total = first;
  }
}
