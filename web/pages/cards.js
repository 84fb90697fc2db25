/** Lists of things that a photo stands for: albums, memories. */

import { ask } from "../api.js";
import { aspectOf, blurOf, show } from "../photos/picture.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";

/** Return a card with a cover; `lines` that are empty are left out. */
export function card({ href, cover, title, lines, isWide = false }) {
  return html`
    <a class=${isWide ? "album wide" : "album"} href=${href}>
      ${coverOf(cover, isWide ? 640 : 340)}
      <strong>${title}</strong>
      ${lines.filter(Boolean).map((line) => html`<small>${line}</small>`)}
    </a>
  `;
}

/** Return a picture of a photo that fills its frame; an empty frame where there is none. */
export function coverOf(photo, width) {
  const frame = document.createElement("span");
  frame.className = "cover";
  if (photo) {
    frame.style.backgroundColor = photo.color || "";
    const blur = blurOf(photo);
    if (blur) frame.style.backgroundImage = `url(${blur})`;
    const image = document.createElement("img");
    image.loading = "lazy";
    show(image, photo, width * Math.max(1, aspectOf(photo)));
    image.alt = "";
    frame.append(image);
  }
  return frame;
}

/**
 * Show a list of the API, page by page.
 *
 * @param {{title: string, list: string, empty: string, shown: (items: object[]) => unknown}} what `list` is the path of
 *   the list, which its answers call their items, too; `shown` makes all that was fetched a template
 */
export async function pagedList(element, { title, list, empty, shown }) {
  const items = [];
  let next = null;
  let problem = null;
  let isThere = false;

  const draw = () =>
    render(
      html`
        <header class="title"><h1>${title}</h1></header>
        ${problem ? html`<p class="empty" role="alert">${problem.message}</p>` : nothing}
        ${isThere && !items.length && !problem ? html`<p class="empty">${empty}</p>` : nothing}
        ${shown(items)}
        ${next ? html`<button class="more" @click=${more}>Show more</button>` : nothing}
      `,
      element,
    );

  const more = async () => {
    try {
      const page = await ask(list, { query: { cursor: next } });
      items.push(...page[list]);
      next = page.next;
    } catch (refused) {
      problem = refused;
    }
    isThere = true;
    draw();
  };

  draw();
  await more();
}
