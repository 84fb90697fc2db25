/** The field of the search, with suggestions. */

import { ask } from "./api.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

const PAUSE = 150;

/** Return the search field of the header. */
export function searchField(go) {
  const query = new URLSearchParams(location.search).get("q") || "";
  const field = document.createElement("form");
  field.className = "search";
  field.setAttribute("role", "search");
  let suggestions = [];
  let at = -1;
  let timer;
  let asked = new AbortController();

  const search = (words) => {
    suggestions = [];
    draw();
    if (words.trim()) go(`/search?q=${encodeURIComponent(words.trim())}`);
  };
  const suggest = (event) => {
    clearTimeout(timer);
    const words = event.target.value;
    timer = setTimeout(async () => {
      asked.abort();
      asked = new AbortController();
      try {
        suggestions = words.trim()
          ? (await ask("search/suggestions", { query: { q: words }, signal: asked.signal })).suggestions
          : [];
      } catch {
        return; // suggestions are a help, and the search itself tells what is wrong
      }
      at = -1;
      draw();
    }, PAUSE);
  };
  const keys = (event) => {
    if (event.key === "Escape") suggestions = [];
    else if (event.key === "ArrowDown") at = Math.min(suggestions.length - 1, at + 1);
    else if (event.key === "ArrowUp") at = Math.max(-1, at - 1);
    else return;
    event.preventDefault();
    draw();
  };
  const submit = (event) => {
    event.preventDefault();
    search(at >= 0 ? suggestions[at].query : field.querySelector("input").value);
  };
  const draw = () =>
    render(
      html`
        <input type="search" name="q" placeholder="Find people, places, things" aria-label="Find photos" autocomplete="off"
          role="combobox" aria-expanded=${String(suggestions.length > 0)} aria-controls="suggestions" aria-autocomplete="list"
          aria-activedescendant=${at >= 0 ? `suggestion-${at}` : nothing} value=${query} @input=${suggest} @keydown=${keys}
          @blur=${() => setTimeout(() => { suggestions = []; draw(); }, 200)}>
        <ul id="suggestions" role="listbox" aria-label="Suggestions" ?hidden=${!suggestions.length}>
          ${suggestions.map(
            (each, index) => html`<li id="suggestion-${index}" role="option" aria-selected=${String(index === at)} @mousedown=${() => search(each.query)}>
              <span>${each.text}</span><small>${each.kind} · ${each.count}</small>
            </li>`,
          )}
        </ul>
      `,
      field,
    );
  field.addEventListener("submit", submit);
  draw();
  return field;
}
