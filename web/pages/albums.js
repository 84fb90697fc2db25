/** The albums, and one of them. */

import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { albumParts, counted, spanOf } from "../words.js";
import { card, pagedList } from "./cards.js";
import { timelinePage } from "./photos.js";

/** All albums. */
export function albumsPage(element) {
  return pagedList(element, {
    title: "Albums",
    list: "albums",
    empty: "There are no albums yet. An album is the folder that photos are uploaded into.",
    shown: (albums) => html`<div class="albums">${albums.map(albumCard)}</div>`,
  });
}

function albumCard(album) {
  const { name, within } = albumParts(album.name);
  return card({
    href: `/albums?id=${encodeURIComponent(album.name)}`,
    cover: album.cover,
    title: name,
    lines: [within, `${counted(album.count, "photo")}${album.from ? ` · ${spanOf(album.from, album.to)}` : ""}`],
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
