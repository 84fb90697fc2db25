/** What is around every page: the navigation, the search, and the place for the page itself. */

import { ask } from "./api.js";
import { searchField } from "./field.js";
import { pageAt } from "./pages/index.js";
import { leaveViewer, tookBack } from "./photos/opened.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

/** What is kept in the browser after a visit of somebody who was let in. */
export const VISITED = "visited";

const EVERYBODY = ["guest", "viewer", "owner"];
const PLACES = [
  { path: "/", name: "Photos", roles: EVERYBODY },
  { path: "/albums", name: "Albums", roles: ["viewer", "owner"] },
  { path: "/memories", name: "Memories", roles: ["viewer", "owner"] },
  { path: "/people", name: "People", roles: ["viewer", "owner"] },
  { path: "/places", name: "Places", roles: ["viewer", "owner"] },
  { path: "/status", name: "Status", roles: ["owner"] },
  { path: "/shares", name: "Shares", roles: ["owner"] },
];

let root;
let session = { role: "nobody" };
/** @type {{leave?: () => void} | undefined} */
let page;

/**
 * Show the library in `element`, at the address that is there, and follow links within it.
 *
 * @param {HTMLElement} element  @param {object | null} known who is here; null where that is to be asked
 */
export async function shell(element, known) {
  root = element;
  root.replaceChildren();
  addEventListener("popstate", () => tookBack() || go(location.pathname + location.search, { isBack: true }));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='/']");
    if (!link || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    if (link.hasAttribute("download") || link.pathname.startsWith("/api/")) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
  if (known) {
    session = known;
    noteVisit();
  } else await whoIsHere();
  await go(location.pathname + location.search, { isBack: true });
}

/** Ask again who is here, as after a login. */
export async function whoIsHere() {
  try {
    session = await ask("session");
  } catch (problem) {
    session = { role: "nobody", problem };
  }
  noteVisit();
  return session;
}

/** Note for the next visit whether somebody was here, who is then shown the timeline without being asked for first. */
function noteVisit() {
  if (session.role === "nobody") localStorage.removeItem(VISITED);
  else localStorage.setItem(VISITED, "yes");
}

/** Go to a page of the library. */
export async function go(path, { isBack = false } = {}) {
  const isOverAPage = leaveViewer();
  page?.leave?.();
  page = undefined;
  if (!isBack) {
    history[isOverAPage ? "replaceState" : "pushState"](null, "", path);
    scrollTo(0, 0);
  }
  const { open, title, isOpenTo } = pageAt(new URL(path, location.href));
  document.title = title ? `${title} · Safelight` : "Safelight";
  draw();
  const main = document.getElementById("content");
  const body = document.createElement("div");
  main.replaceChildren(body);
  const { open: shown } = isOpenTo.includes(session.role) ? { open } : pageAt(new URL("/login", location.href));
  const opened = await shown(body, { session, go, whoIsHere });
  if (body.isConnected) page = opened;
  else opened?.leave?.();
  if (!isBack) main.focus({ preventScroll: true });
}

function draw() {
  const here = `/${location.pathname.split("/")[1]}`;
  const places = PLACES.filter(({ roles }) => roles.includes(session.role));
  const isWithin = places.length > 1;
  render(
    html`
      <header class="top" ?hidden=${session.role === "nobody"}>
        <a class="brand" href="/" aria-label="Safelight, all photos"><span class="lamp"></span>${session.role === "guest" ? (session.share?.title ?? "Photos") : "Safelight"}</a>
        ${isWithin ? searchField(go) : nothing}
        ${session.role === "owner" ? html`<a class="button primary add" href="/upload">Add photos</a>` : nothing}
        ${session.role === "guest" && session.share?.upload ? html`<a class="button primary add" href="/upload">Add photos</a>` : nothing}
        <button class="quiet" @click=${leave}>${session.role === "guest" ? "Leave" : "Log out"}</button>
      </header>
      ${isWithin
        ? html`<nav class="places" aria-label="Library">
            ${places.map(({ path, name }) => html`<a href=${path} aria-current=${here === path ? "page" : "false"}>${name}</a>`)}
          </nav>`
        : nothing}
      <main id="content" tabindex="-1"></main>
      <div id="said" role="status" aria-live="polite"></div>
    `,
    root,
  );
  const current = root.querySelector(".places [aria-current=page]"); // on a phone not all fit
  current?.scrollIntoView({ block: "nearest", inline: "center" });
}

/** Say something in passing. */
export function say(words) {
  const said = document.getElementById("said");
  said.textContent = words;
  said.classList.add("shown");
  setTimeout(() => said.classList.remove("shown"), 5000);
}

async function leave() {
  await ask("session", { method: "DELETE" }).catch(() => {});
  await whoIsHere();
  go("/");
}
