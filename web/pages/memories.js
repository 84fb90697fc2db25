/** The memories, and one of them. */

import { ask } from "../api.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { counted, spanOf } from "../words.js";
import { card, cardList } from "./cards.js";
import { timelinePage } from "./photos.js";

const known = new Map();

/** All memories, newest first. */
export function memoriesPage(element) {
  return cardList(element, {
    title: "Memories",
    empty: "There are no memories yet. They appear when photos of an event or a trip are in the library.",
    fetchPage: async (cursor) => {
      const { memories, next } = await ask("memories", { query: { cursor } });
      return { items: memories, next };
    },
    shown: (memory) => {
      known.set(memory.id, memory);
      return card({
        href: `/memories/${encodeURIComponent(memory.id)}`,
        cover: memory.cover,
        title: memory.title,
        lines: [memory.subtitle, `${spanOf(memory.from, memory.to)} · ${counted(memory.count, "photo")}`],
        isWide: true,
      });
    },
  });
}

/** The photos of one memory. */
export function memoryPage(element, around) {
  const memory = known.get(around.named);
  return timelinePage(element, around, {
    asked: { memory: around.named },
    heading: html`<header class="title">
      <p>${memory ? spanOf(memory.from, memory.to) : nothing}</p>
      <h1>${memory ? memory.title : "A memory"}</h1>
      ${memory?.subtitle ? html`<p>${memory.subtitle}</p>` : nothing}
    </header>`,
  });
}
