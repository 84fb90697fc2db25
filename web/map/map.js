/** A map of places on the outline of the world, which is published with the app; fetched when it is shown. */

import * as leaflet from "../vendor/leaflet/leaflet-src.esm.js";
import "../vendor/topojson-client/topojson-client.min.js";
import { counted } from "../words.js";

const OUTLINE = new URL("../vendor/world-atlas/land-110m.json", import.meta.url);
const STYLES = [new URL("../vendor/leaflet/leaflet.css", import.meta.url), new URL("../map/map.css", import.meta.url)];
const SMALLEST = 6;
const LARGEST = 20;

/**
 * Show the world in `element`.
 *
 * @param {HTMLElement} element
 * @param {(place: object) => void} open called with the place whose dot is pressed
 * @returns {Promise<{show: (places: {name: string, count: number, latitude: number | null,
 *   longitude: number | null}[]) => void,
 *   remove: () => void}>} `show` puts a dot at each place, larger where there are more photos
 */
export async function worldMap(element, open) {
  const [answer] = await Promise.all([fetch(OUTLINE), ...STYLES.map(styled)]);
  const outline = await answer.json();
  const map = leaflet.map(element, { attributionControl: false, minZoom: 0, maxZoom: 8, zoomSnap: 0.25 });
  const [land] = globalThis.topojson.feature(outline, outline.objects.land).features;
  land.geometry.coordinates = land.geometry.coordinates.map((rings) => rings.map(unbroken));
  leaflet.geoJSON(land, { style: { className: "land" }, interactive: false }).addTo(map);
  const dots = leaflet.layerGroup().addTo(map);

  const show = (all) => {
    const places = all.filter(({ latitude, longitude }) => latitude !== null && longitude !== null);
    dots.clearLayers();
    if (!places.length) return void map.setView([20, 0], 1.5);
    const most = Math.max(...places.map(({ count }) => count));
    for (const place of places) {
      const radius = SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(place.count / most);
      const dot = leaflet.circleMarker([place.latitude, place.longitude], { radius, className: "dot" });
      dot.bindTooltip(`${place.name}, ${counted(place.count, "photo")}`, { direction: "top", offset: [0, -radius] });
      dot.on("click", () => open(place)).addTo(dots);
    }
    const around = leaflet.latLngBounds(places.map(({ latitude, longitude }) => [latitude, longitude]));
    map.fitBounds(around, { padding: [30, 30], maxZoom: 5, animate: false });
  };
  return { show, remove: () => map.remove() };
}

/** Return a ring that goes on beyond 180° where it comes back at -180°, which a flat map would draw across. */
function unbroken(ring) {
  if (ring.some(([, latitude]) => latitude < -80)) return ring; // Antarctica goes around the pole
  let turned = 0;
  const whole = ring.map(([longitude, latitude], place) => {
    const step = place ? longitude - ring[place - 1][0] : 0;
    if (Math.abs(step) > 180) turned -= Math.sign(step) * 360;
    return [longitude + turned, latitude];
  });
  const middle = whole.reduce((sum, [longitude]) => sum + longitude, 0) / whole.length;
  const back = Math.round(middle / 360) * 360; // most of it lies where one looks for it
  return whole.map(([longitude, latitude]) => [longitude - back, latitude]);
}

function styled(url) {
  if (document.querySelector(`link[href="${url}"]`)) return null;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = url;
  document.head.append(link);
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", reject);
  });
}
