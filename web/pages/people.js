/** The people, and one of them, who can be named, merged with another, and forgotten. */

import { ask, find } from "../api.js";
import { say } from "../shell.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { counted } from "../words.js";
import { sourcesOf } from "../photos/picture.js";
import { pagedList } from "./cards.js";
import { timelinePage } from "./photos.js";

const CHOICE = 200; // people that one may choose from

/** Everybody, those in most photos first. */
export function peoplePage(element) {
  return pagedList(element, {
    title: "People",
    list: "people",
    empty: "Nobody is known yet. With the parameter Faces on, people appear by themselves.",
    shown: (people) => html`<ul class="people">
      ${people.map(
        (person) => html`<li><a href="/people?id=${person.id}">
          ${faceOf(person)}
          <strong>${person.name || "Who is this?"}</strong>
          <small>${counted(person.count, "photo")}</small>
        </a></li>`,
      )}
    </ul>`,
  });
}

/** Return the face of a person, cut out of the photo that stands for them. */
function faceOf(person) {
  const frame = document.createElement("span");
  frame.className = "face";
  const { photo, box } = person.cover || {};
  const source = photo && (sourcesOf(photo).find(({ width }) => width * (box?.width || 1) >= 160) || sourcesOf(photo).at(-1));
  if (!source) return frame;
  const image = document.createElement("img");
  image.src = source.url;
  image.alt = "";
  image.loading = "lazy";
  if (box) {
    const side = Math.max(box.width * photo.width, box.height * photo.height) * 1.5; // of the original's pixels
    const left = (box.left + box.width / 2) * photo.width - side / 2;
    const top = (box.top + box.height / 2) * photo.height - side / 2;
    Object.assign(image.style, {
      width: `${(photo.width / side) * 100}%`,
      height: `${(photo.height / side) * 100}%`,
      left: `${(-left / side) * 100}%`,
      top: `${(-top / side) * 100}%`,
    });
  } else {
    Object.assign(image.style, { width: "100%", height: "100%", objectFit: "cover" });
  }
  frame.append(image);
  return frame;
}

/** The photos of one person, and what one decides about them. */
export async function personPage(element, around) {
  const heading = document.createElement("header");
  heading.className = "title person";
  let people = [];
  let person;
  try {
    person = await find("people", around.named);
    ({ people } = await ask("people", { query: { limit: CHOICE } }));
  } catch (problem) {
    return render(html`<p class="empty" role="alert">${problem.message}</p>`, element);
  }
  if (!person) return render(html`<p class="empty">This person is not in the library any more. <a href="/people">Go to the people</a>.</p>`, element);
  const isOwner = around.session.role === "owner";

  const decide = async (words, path, request) => {
    try {
      await ask(`people/${person.id}${path}`, request);
      say(words);
      return true;
    } catch (problem) {
      say(problem.message);
      return false;
    }
  };
  const name = async (event) => {
    event.preventDefault();
    const given = new FormData(event.target).get("name").trim();
    if (given && (await decide(`This is ${given}.`, "", { method: "PATCH", body: { name: given } }))) person.name = given;
    document.title = `${person.name || "Somebody"} · Safelight`;
    draw();
  };
  const merge = async (event) => {
    const other = people.find(({ id }) => id === event.target.value);
    if (!other) return;
    const both = person.name && other.name && person.name !== other.name;
    const kept = both ? prompt("Both have a name. Which one stays?", person.name) : person.name || other.name;
    if (both && !kept) return draw();
    const body = { other: other.id, name: kept || undefined };
    if (await decide("They are one person now.", "/merge", { method: "POST", body })) around.go(`/people?id=${person.id}`);
  };
  const forget = async () => {
    if (!confirm("Forget this person? The photos stay; the faces are deleted.")) return;
    if (await decide("Forgotten.", "", { method: "DELETE" })) around.go("/people");
  };

  const split = async (photos) => {
    try {
      const { id } = await ask(`people/${person.id}/split`, { method: "POST", body: { photos } });
      say("Here is the other person.");
      around.go(`/people?id=${id}`);
    } catch (problem) {
      say(problem.message);
    }
  };

  const draw = () =>
    render(
      html`
        ${faceOf(person)}
        ${isOwner
          ? html`<form @submit=${name}>
              <label class="hidden" for="name">Name</label>
              <input id="name" name="name" .value=${person.name || ""} placeholder="Who is this?" maxlength="200" autocomplete="off">
              <button>Save</button>
            </form>
            <p>
              <label>Is the same as <select @change=${merge}>
                <option value="">choose</option>
                ${people.filter(({ id }) => id !== person.id).map((other) => html`<option value=${other.id}>${other.name || `somebody in ${counted(other.count, "photo")}`}</option>`)}
              </select></label>
              <button class="danger" @click=${forget}>Forget</button>
            </p>`
          : html`<h1>${person.name || "Somebody"}</h1>`}
      `,
      heading,
    );
  draw();
  const also = { name: "Is somebody else", act: split };
  return timelinePage(element, around, { asked: { person: person.id }, heading, also });
}
