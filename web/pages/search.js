/** The page of a search. */

import { html } from "../vendor/lit-html/lit-html.js";
import { timelinePage } from "./photos.js";

/** What a search finds, best first. */
export function searchPage(element, around) {
  const words = around.query.get("q") || "";
  document.title = `${words} · Safelight`;
  return timelinePage(element, around, {
    asked: { q: words },
    heading: html`<header class="title"><p>Found for</p><h1>${words}</h1></header>`,
    empty: "Nothing was found. Try fewer words, a name, a place, or a year.",
  });
}
