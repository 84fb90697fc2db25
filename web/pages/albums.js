/** The albums, and one of them. */

import { ask } from "../api.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { albumParts, counted, spanOf } from "../words.js";
import { card, cardList } from "./cards.js";
import { timelinePage } from "./photos.js";

/** All albums. */
export function albumsPage(element) {
  return cardList(element, {
    title: "Albums",
    empty: "There are no albums yet. An album is the folder that photos are uploaded into.",
    fetchPage: async (cursor) => {
      const { albums, next } = await ask("albums", { query: { cursor } });
      return { items: albums, next };
    },
    shown: (album) => {
      const { name, within } = albumParts(album.name);
      return card({
        href: `/albums/${encodeURIComponent(album.name)}`,
        cover: album.cover,
        title: name,
        lines: [within, `${counted(album.count, "photo")}${album.from ? ` · ${spanOf(album.from, album.to)}` : ""}`],
      });
    },
  });
}

/** One album with its sub-albums. */
export function albumPage(element, around) {
  const { name, within } = albumParts(around.named);
  document.title = `${name} · Safelight`;
  return timelinePage(element, around, {
    asked: { album: around.named },
    share: { album: around.named },
    heading: html`<header class="title"><p>${within || nothing}</p><h1>${name}</h1></header>`,
  });
}
