/** Which page is at which address, and for whom. */

import { albumPage, albumsPage } from "./albums.js";
import { guestPage } from "./guest.js";
import { loginPage } from "./login.js";
import { memoriesPage, memoryPage } from "./memories.js";
import { peoplePage, personPage } from "./people.js";
import { photoPage, photosPage } from "./photos.js";
import { placePage, placesPage } from "./places.js";
import { searchPage } from "./search.js";
import { sharesPage } from "./shares.js";
import { statusPage } from "./status.js";
import { uploadPage } from "./upload.js";

const ALL = ["nobody", "guest", "viewer", "owner"];
const SEEING = ["guest", "viewer", "owner"];
const MEMBERS = ["viewer", "owner"];
const OWNERS = ["owner"];

/**
 * Each is a path, a title, who may, and what opens it; the last is what opens one of the list, which the query's `id`
 * names: in a path, a name with a dot would be taken for a file.
 */
const PAGES = [
  [/^\/$/, "", SEEING, photosPage],
  [/^\/login$/, "Log in", ALL, loginPage],
  [/^\/s\/([^/]+)$/, "Shared photos", ALL, guestPage],
  [/^\/photo\/([^/]+)$/, "Photo", SEEING, photoPage],
  [/^\/albums$/, "Albums", SEEING, albumsPage, { page: albumPage, title: "Album" }],
  [/^\/memories$/, "Memories", MEMBERS, memoriesPage, { page: memoryPage, title: "Memory" }],
  [/^\/people$/, "People", MEMBERS, peoplePage, { page: personPage, title: "Person" }],
  [/^\/places$/, "Places", MEMBERS, placesPage, { page: placePage, title: "Place" }],
  [/^\/search$/, "Search", MEMBERS, searchPage],
  [/^\/upload$/, "Add photos", ["owner", "guest"], uploadPage],
  [/^\/status$/, "Status", OWNERS, statusPage],
  [/^\/shares$/, "Shares", OWNERS, sharesPage],
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
