/** The way of a photo through its workflow: each state that it entered, when, and how long it took. */

import { ask } from "../api.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";

/** Return an element that shows the way of a photo when it is opened. */
export function stagesOf(photo) {
  const [details, summary, list] = ["details", "summary", "div"].map((name) => document.createElement(name));
  details.className = "way";
  summary.textContent = "How it was made";
  details.append(summary, list);
  details.addEventListener("toggle", async () => {
    if (!details.open) return;
    render(html`<p class="waiting">One moment</p>`, list);
    try {
      render(way(await ask(`photos/${photo.id}/stages`)), list);
    } catch (problem) {
      render(html`<p role="alert">${problem.message}</p>`, list);
    }
  });
  return details;
}

function way({ stages, console_url }) {
  const began = stages.length ? Date.parse(stages[0].entered_at) : 0;
  const lasted = ({ entered_at, left_at }) => (left_at ? Date.parse(left_at) - Date.parse(entered_at) : 0);
  return html`
    ${stages.length
      ? html`<p><small>Began ${clock(stages[0].entered_at)}</small></p>
          <table>
            <thead><tr><th scope="col">State</th><th scope="col">After</th><th scope="col">Took</th></tr></thead>
            <tbody>
              ${stages.map(
                (stage) => html`<tr class=${stage.error ? "failed" : nothing}>
                  <th scope="row">${stage.name}</th>
                  <td>${seconds(Date.parse(stage.entered_at) - began)}</td>
                  <td>${stage.error ?? (stage.left_at ? seconds(lasted(stage)) : "at work")}</td>
                </tr>`,
              )}
            </tbody>
          </table>`
      : html`<p>Its history is not kept any more, or has not begun.</p>`}
    ${console_url ? html`<p><a href=${console_url} target="_blank" rel="noopener">Open the execution in Step Functions</a></p>` : nothing}
  `;
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}

function clock(at) {
  return new Date(at).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "medium" });
}
