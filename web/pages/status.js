/** The state of the library: how many photos are where, and what asks for somebody. */

import { ask } from "../api.js";
import { say } from "../shell.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { counted, numberOf, stateOf } from "../words.js";
import { stagesOf } from "./stages.js";

const KINDS = ["HELD", "FAILED", "REJECTED", "PROCESSING"];
const PAUSE = 5000;

/** Show counts, and the photos of each state but those that are finished. */
export async function statusPage(element, { query }) {
  let kind = query.get("show");
  let counts = {};
  let waiting = 0;
  let photos = [];
  let next = null;
  let problem = null;
  let timer;
  let isLeft = false;

  const ways = new Map(); // by photo, so that one that is open stays so when the list is drawn again
  const way = (photo) => {
    if (!ways.has(photo.id)) ways.set(photo.id, stagesOf(photo));
    return ways.get(photo.id);
  };

  const look = async () => {
    try {
      ({ counts, waiting } = await ask("status"));
      kind ??= KINDS.find((each) => counts[each]) ?? "HELD";
      problem = null;
      if (photos.length <= 50) await fetchPhotos(null);
    } catch (refused) {
      problem = refused;
    }
    draw();
    if (!isLeft) timer = setTimeout(look, PAUSE);
  };
  const fetchPhotos = async (cursor) => {
    const page = await ask("status/photos", { query: { status: kind, cursor } });
    photos = cursor ? [...photos, ...page.photos] : page.photos;
    next = page.next;
  };
  const choose = async (each) => {
    kind = each;
    photos = [];
    history.replaceState(null, "", `/status?show=${kind}`);
    draw();
    await fetchPhotos(null).catch((refused) => (problem = refused));
    draw();
  };
  const decide = async (photo, path, method, words) => {
    try {
      await ask(`photos/${photo.id}${path}`, { method });
      photos = photos.filter((each) => each !== photo);
      say(words);
    } catch (refused) {
      say(refused.message);
    }
    draw();
  };
  const remove = (photo) => {
    if (confirm(`Delete ${photo.filename}? Its original goes, too.`)) decide(photo, "", "DELETE", `${photo.filename} is deleted.`);
  };

  const draw = () =>
    render(
      html`
        <header class="title"><h1>Status</h1></header>
        ${problem ? html`<p class="empty" role="alert">${problem.message}</p>` : nothing}
        <dl class="counts">
          ${["ACTIVE", ...KINDS].map((each) => html`<div><dt>${stateOf(each)}</dt><dd>${numberOf(counts[each] ?? 0)}</dd></div>`)}
          <div><dt>Waiting</dt><dd>${numberOf(waiting)}</dd></div>
        </dl>
        <div class="tabs" role="tablist" aria-label="Photos">
          ${KINDS.map((each) => html`<button role="tab" aria-selected=${String(each === kind)} @click=${() => choose(each)}>${stateOf(each)} ${counts[each] ? html`<small>${counts[each]}</small>` : nothing}</button>`)}
        </div>
        ${photos.length ? nothing : html`<p class="empty">No photo is ${stateOf(kind ?? "HELD").toLowerCase()}.</p>`}
        <ul class="standing">
          ${photos.map(
            (photo) => html`<li>
              ${photo.images.length ? html`<a class="cover" href="/photo/${photo.id}" tabindex="-1" aria-hidden="true"><img src=${photo.images[0].url} alt="" loading="lazy"></a>` : nothing}
              <div>
                <strong>${photo.filename}</strong> <small>${photo.album}</small>
                <p>${[photo.message, photo.remedy].filter(Boolean).join(" ")}</p>
                <p class="do">
                  ${kind === "HELD" ? html`<button @click=${() => decide(photo, "/release", "POST", `${photo.filename} is on its way into the library.`)}>Release</button>` : nothing}
                  ${kind === "FAILED" || kind === "PROCESSING" ? html`<button @click=${() => decide(photo, "/retry", "POST", `${photo.filename} is tried again.`)}>Try again</button>` : nothing}
                  ${kind === "PROCESSING" ? nothing : html`<button class="danger" @click=${() => remove(photo)}>Delete</button>`}
                </p>
                ${way(photo)}
              </div>
            </li>`,
          )}
        </ul>
        ${next ? html`<button class="more" @click=${() => fetchPhotos(next).then(draw)}>Show more</button>` : nothing}
        ${photos.length === 0 && kind === "HELD" ? html`<p class="hint">What moderation holds waits here until you have looked at it.</p>` : nothing}
        <p class="hint">${counted((counts.ACTIVE ?? 0) + KINDS.reduce((sum, each) => sum + (counts[each] ?? 0), 0), "photo")} in all.</p>
      `,
      element,
    );

  draw();
  await look();
  return {
    leave() {
      isLeft = true;
      clearTimeout(timer);
    },
  };
}
