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

const PAGES = [
  [/^\/$/, "", SEEING, photosPage],
  [/^\/login$/, "Log in", ALL, loginPage],
  [/^\/s\/([^/]+)$/, "Shared photos", ALL, guestPage],
  [/^\/photo\/([^/]+)$/, "Photo", SEEING, photoPage],
  [/^\/albums$/, "Albums", MEMBERS, albumsPage],
  [/^\/albums\/(.+)$/, "Album", SEEING, albumPage],
  [/^\/memories$/, "Memories", MEMBERS, memoriesPage],
  [/^\/memories\/(.+)$/, "Memory", MEMBERS, memoryPage],
  [/^\/people$/, "People", MEMBERS, peoplePage],
  [/^\/people\/(.+)$/, "Person", MEMBERS, personPage],
  [/^\/places$/, "Places", MEMBERS, placesPage],
  [/^\/places\/(.+)$/, "Place", MEMBERS, placePage],
  [/^\/search$/, "Search", MEMBERS, searchPage],
  [/^\/upload$/, "Add photos", ["owner", "guest"], uploadPage],
  [/^\/status$/, "Status", OWNERS, statusPage],
  [/^\/shares$/, "Shares", OWNERS, sharesPage],
];

/** Return the page at `url`: what opens it, its title, and the roles that it is open to. */
export function pageAt(url) {
  for (const [pattern, title, isOpenTo, page] of PAGES) {
    const found = pattern.exec(url.pathname);
    if (found) {
      const named = found[1] === undefined ? null : decodeURIComponent(found[1]);
      return { title, isOpenTo, open: (element, around) => page(element, { ...around, named, query: url.searchParams }) };
    }
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
