/** A button that has photos made into an archive, and downloads it. */

import { ask } from "../api.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { bytesOf } from "../words.js";

const LOOK_MS = 1000;

/** Whether who is here may have originals. */
export function mayDownload(session) {
  return session.role !== "guest" || Boolean(session.share?.download);
}

/**
 * Return the button, which shows links to the archives once they are ready.
 *
 * @param {object} wanted what is exported, as POST /api/exports takes it
 */
export function downloadButton(wanted) {
  const element = document.createElement("div");
  element.className = "download";
  element.setAttribute("aria-live", "polite");
  let state = "";
  let archives = [];
  let wrong = "";

  const draw = () =>
    render(
      html`
        ${archives.length
          ? archives.map(
              ({ name, url, bytes }) => html`<a class="button" href=${url} download=${name}>${name} (${bytesOf(bytes)})</a>`,
            )
          : html`<button ?disabled=${state} @click=${begin}>${state || "Download all"}</button>`}
        ${wrong ? html`<span class="wrong" role="alert">${wrong}</span>` : nothing}
      `,
      element,
    );

  const begin = async () => {
    [state, wrong] = ["Preparing", ""];
    draw();
    try {
      const { id } = await ask("exports", { method: "POST", body: wanted });
      let about = { status: "running" };
      while (about.status === "running") {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        if (!element.isConnected) return;
        about = await ask(`exports/${id}`);
      }
      archives = about.archives;
      wrong = about.message ?? "";
    } catch (problem) {
      wrong = problem.message;
    }
    state = "";
    draw();
    if (archives.length === 1) element.querySelector("a").click();
  };

  draw();
  return element;
}
