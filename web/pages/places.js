/** The places, by country, and one of them. */

import { find } from "../api.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { counted } from "../words.js";
import { pagedList } from "./cards.js";
import { timelinePage } from "./photos.js";

/** All places that photos were taken at, on a map and by country. */
export async function placesPage(element, { go }) {
  const frame = document.createElement("div");
  frame.className = "map";
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "Map of the places");
  let places = [];
  let map;
  await pagedList(element, {
    title: "Places",
    list: "places",
    empty: "No photo says where it was taken.",
    shown: (known) => {
      places = known;
      map?.show(places);
      const countries = Map.groupBy(places, (place) => place.country || "Elsewhere");
      return html`${places.length ? frame : nothing} ${[...countries].map(countrySection)}`;
    },
  });
  if (!frame.isConnected) return undefined;
  try {
    const { worldMap } = await import("../map/map.js");
    map = await worldMap(frame, ({ id }) => go(addressOf(id)));
    map.show(places);
  } catch {
    frame.remove(); // the list below says the same
  }
  return { leave: () => map?.remove() };
}

function addressOf(id) {
  return `/places?id=${encodeURIComponent(id)}`;
}

function countrySection([country, places]) {
  return html`<section class="country">
    <h2>${country}</h2>
    <ul class="names">
      ${places.map(
        (place) => html`<li><a href=${addressOf(place.id)}>
          <strong>${place.name}</strong>
          <small>${[place.region !== place.name && place.region, counted(place.count, "photo")].filter(Boolean).join(" · ")}</small>
        </a></li>`,
      )}
    </ul>
  </section>`;
}

/** The photos of one place. */
export async function placePage(element, around) {
  const place = await find("places", around.named).catch(() => undefined); // its photos tell what is wrong
  if (place) document.title = `${place.name} · Safelight`;
  return timelinePage(element, around, {
    asked: { place: around.named },
    heading: html`<header class="title"><p>${place?.country}</p><h1>${place?.name ?? "A place"}</h1></header>`,
  });
}
