/** Which page is at which address, and for whom. */

import { photoPage, photosPage } from "./photos.js";

const ALL = ["nobody", "guest", "viewer", "owner"];
const SEEING = ["guest", "viewer", "owner"];
const MEMBERS = ["viewer", "owner"];
const OWNERS = ["owner"];

/** Return what opens a page of a module, which is fetched when the page is opened. */
function later(fetched, name) {
  return async (element, around) => (await fetched())[name](element, around);
}

const albums = () => import("./albums.js");
const memories = () => import("./memories.js");
const people = () => import("./people.js");
const places = () => import("./places.js");

/**
 * Each is a path, a title, who may, and what opens it; the last is what opens one of the list, which the query's `id`
 * names: in a path, a name with a dot would be taken for a file.
 */
const PAGES = [
  [/^\/$/, "", SEEING, photosPage],
  [/^\/login$/, "Log in", ALL, later(() => import("./login.js"), "loginPage")],
  [/^\/s\/([^/]+)$/, "Shared photos", ALL, later(() => import("./guest.js"), "guestPage")],
  [/^\/photo\/([^/]+)$/, "Photo", SEEING, photoPage],
  [/^\/albums$/, "Albums", SEEING, later(albums, "albumsPage"), { page: later(albums, "albumPage"), title: "Album" }],
  [/^\/memories$/, "Memories", MEMBERS, later(memories, "memoriesPage"), { page: later(memories, "memoryPage"), title: "Memory" }],
  [/^\/people$/, "People", MEMBERS, later(people, "peoplePage"), { page: later(people, "personPage"), title: "Person" }],
  [/^\/places$/, "Places", MEMBERS, later(places, "placesPage"), { page: later(places, "placePage"), title: "Place" }],
  [/^\/search$/, "Search", MEMBERS, later(() => import("./search.js"), "searchPage")],
  [/^\/upload$/, "Add photos", ["owner", "guest"], later(() => import("./upload.js"), "uploadPage")],
  [/^\/status$/, "Status", OWNERS, later(() => import("./status.js"), "statusPage")],
  [/^\/shares$/, "Shares", OWNERS, later(() => import("./shares.js"), "sharesPage")],
];

/** Return the page at `url`: what opens it, its title, and the roles that it is open to. */
export function pageAt(url) {
  const query = url.searchParams;
  for (const [pattern, title, isOpenTo, page, one] of PAGES) {
    const found = pattern.exec(url.pathname);
    if (!found) continue;
    const named = one ? query.get("id") : (found[1] ?? null);
    const shown = one && named ? one : { page, title };
    return { title: shown.title, isOpenTo, open: (element, around) => shown.page(element, { ...around, named, query }) };
  }
  return { title: "Nothing here", isOpenTo: ALL, open: nowhere };
}

function nowhere(element) {
  const words = document.createElement("p");
  words.className = "empty";
  words.textContent = "There is no page at this address. ";
  const home = document.createElement("a");
  home.href = "/";
  home.textContent = "Go to the photos";
  words.append(home, ".");
  element.append(words);
}
