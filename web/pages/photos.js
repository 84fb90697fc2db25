/** A page of photos: the whole timeline, or that of an album, a person, a memory, a place or a search. */

import { ask } from "../api.js";
import { Timeline } from "../photos/timeline.js";
import { say } from "../shell.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { counted } from "../words.js";
import { downloadButton, mayDownload } from "./download.js";

const viewer = () => import("../photos/viewer.js");

async function shareDialog(what) {
  (await import("./shares.js")).shareDialog(what);
}

/** The whole library, or what a guest may see of it. */
export function photosPage(element, around) {
  return timelinePage(element, around, { asked: {}, heading: html`<h1 class="hidden">Photos</h1>` });
}

/** One photo, at its own address, over the timeline. */
export async function photoPage(element, { session, go, named }) {
  try {
    const [photo, { view }] = await Promise.all([ask(`photos/${named}`), viewer()]);
    const alone = { at: () => photo, total: 1, need: async () => {} };
    view(alone, 0, {
      thumbnail: () => null,
      onClose: () => location.pathname.startsWith("/photo/") && go("/"),
      session,
      isAlone: true,
    });
  } catch (problem) {
    render(html`<p class="empty">${problem.message} <a href="/">Go to the photos</a>.</p>`, element);
  }
}

/**
 * Show a timeline with a heading.
 *
 * @param {{asked: object, heading?: unknown, share?: {album: string} | null, empty?: string,
 *   also?: {name: string, act: (ids: string[]) => Promise<void>} | null}} what `heading` is a template; `share` is what is
 *   shared where nothing is chosen; `also` is what else owners may do with chosen photos
 */
export async function timelinePage(element, { session, go }, { asked, heading = nothing, share = null, empty, also = null }) {
  const isOwner = session.role === "owner";
  const download = mayDownload(session) && isExported(session, asked) ? downloadButton(asked) : nothing;
  const grid = document.createElement("div");
  grid.className = "timeline";
  let total = null;
  let chosen = null;
  let problem = null;

  const draw = () =>
    render(
      html`
        ${heading}
        <div class="bar" ?hidden=${!total}>
          <span>${chosen ? counted(chosen.size, "photo") + " chosen" : total === null ? "" : counted(total, "photo")}</span>
          ${chosen ? nothing : download}
          ${isOwner && !chosen
            ? html`<button @click=${() => choose(true)}>Choose</button>
                ${share ? html`<button @click=${() => shareDialog({ album: share.album })}>Share</button>` : nothing}`
            : nothing}
          ${chosen
            ? html`<button ?disabled=${!chosen.size} @click=${() => shareDialog({ photos: [...chosen] })}>Share</button>
                ${also ? html`<button ?disabled=${!chosen.size} @click=${() => also.act([...chosen])}>${also.name}</button>` : nothing}
                <button class="danger" ?disabled=${!chosen.size} @click=${remove}>Delete</button>
                <button @click=${() => choose(false)}>Done</button>`
            : nothing}
        </div>
        ${problem ? html`<p class="empty" role="alert">${problem.message}</p>` : nothing}
        ${total === 0 ? html`<p class="empty">${empty ?? emptyWords(session)}</p>` : nothing}
        ${grid}
      `,
      element,
    );

  const timeline = new Timeline(grid, asked, {
    open: (index) => openAt(index),
    chosen: (ids) => {
      if (chosen) chosen = new Set(ids);
      draw();
    },
    counted: (number) => {
      total = number;
      draw();
    },
  });

  const choose = (isChoosing) => {
    chosen = isChoosing ? new Set() : null;
    timeline.choose(isChoosing);
    draw();
  };

  const remove = async () => {
    const words = counted(chosen.size, "photo");
    if (!confirm(`Delete ${words}? Their originals go, too.`)) return;
    const gone = new Set();
    for (const id of chosen) {
      try {
        await ask(`photos/${id}`, { method: "DELETE" });
        gone.add(id);
      } catch (refused) {
        say(refused.message);
      }
    }
    timeline.collection.without(gone);
    choose(false);
    say(`${counted(gone.size, "photo")} deleted.`);
  };

  const openAt = async (index) => {
    const { collection } = timeline;
    const { view } = await viewer();
    view(
      {
        at: (place) => collection.at(place),
        total: collection.total,
        need: async (place) => {
          const month = collection.monthAt(place);
          while (month && month.next !== null && month.photos.length <= place - month.first) {
            await collection.fetchMore(month);
          }
        },
      },
      index,
      {
        thumbnail: (place) => timeline.reveal(place),
        onClose: (place) => timeline.reveal(place)?.focus({ preventScroll: true }),
        session,
      },
    );
  };

  draw();
  try {
    await timeline.open();
  } catch (refused) {
    problem = refused;
    if (refused.status === 401) return go("/login");
    draw();
  }
  return timeline;
}

/** Whether what a page shows can be exported: all of a share, or one album, person or memory. */
function isExported(session, asked) {
  const named = Object.keys(asked);
  if (session.role === "guest") return named.length === 0;
  return named.length === 1 && ["album", "person", "memory"].includes(named[0]);
}

function emptyWords(session) {
  return session.role === "owner"
    ? html`There are no photos here yet. <a href="/upload">Add some</a>.`
    : "There are no photos here yet.";
}
