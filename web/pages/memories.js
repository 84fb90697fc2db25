/** The memories, and one of them. */

import { find } from "../api.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { counted, spanOf } from "../words.js";
import { card, pagedList } from "./cards.js";
import { timelinePage } from "./photos.js";

/** All memories, newest first. */
export function memoriesPage(element) {
  return pagedList(element, {
    title: "Memories",
    list: "memories",
    empty: "There are no memories yet. They appear when photos of an event or a trip are in the library.",
    shown: (memories) => html`<div class="albums">${memories.map(memoryCard)}</div>`,
  });
}

function memoryCard(memory) {
  return card({
    href: `/memories?id=${encodeURIComponent(memory.id)}`,
    cover: memory.cover,
    title: memory.title,
    lines: [memory.subtitle, `${spanOf(memory.from, memory.to)} · ${counted(memory.count, "photo")}`],
    isWide: true,
  });
}

/** The photos of one memory. */
export async function memoryPage(element, around) {
  const memory = await find("memories", around.named).catch(() => undefined); // its photos tell what is wrong
  if (memory) document.title = `${memory.title} · Safelight`;
  return timelinePage(element, around, {
    asked: { memory: around.named },
    heading: html`<header class="title">
      <p>${memory ? spanOf(memory.from, memory.to) : nothing}</p>
      <h1>${memory ? memory.title : "A memory"}</h1>
      ${memory?.subtitle ? html`<p>${memory.subtitle}</p>` : nothing}
    </header>`,
  });
}
