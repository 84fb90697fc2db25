/** The places, by country, and one of them. */

import { ask } from "../api.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { counted } from "../words.js";
import { timelinePage } from "./photos.js";

/** All places that photos were taken at. */
export async function placesPage(element) {
  try {
    const { places } = await ask("places");
    const countries = Map.groupBy(places, (place) => place.country || "Elsewhere");
    render(
      html`
        <header class="title"><h1>Places</h1></header>
        ${places.length ? nothing : html`<p class="empty">No photo says where it was taken.</p>`}
        ${[...countries].map(
          ([country, within]) => html`<section class="country">
            <h2>${country}</h2>
            <ul class="names">
              ${within.map(
                (place) => html`<li><a href="/places/${encodeURIComponent(place.id)}?name=${encodeURIComponent(place.name)}">
                  <strong>${place.name}</strong>
                  <small>${[place.region !== place.name && place.region, counted(place.count, "photo")].filter(Boolean).join(" · ")}</small>
                </a></li>`,
              )}
            </ul>
          </section>`,
        )}
      `,
      element,
    );
  } catch (problem) {
    render(html`<p class="empty" role="alert">${problem.message}</p>`, element);
  }
}

/** The photos of one place. */
export function placePage(element, around) {
  return timelinePage(element, around, {
    asked: { place: around.named },
    heading: html`<header class="title"><h1>${around.query.get("name") || "A place"}</h1></header>`,
  });
}
