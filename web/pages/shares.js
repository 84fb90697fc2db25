/** Shares: what guests may see by a link, for how long, and how one is made. */

import { ask } from "../api.js";
import { say } from "../shell.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { counted, dayOf } from "../words.js";

const DAY = 86_400_000;

/** All shares, each of which ends at once when it is revoked. */
export async function sharesPage(element) {
  let shares = [];
  let problem = null;
  const revoke = async (share) => {
    try {
      await ask(`shares/${share.id}`, { method: "DELETE" });
      shares = shares.filter((each) => each !== share);
      say("The link opens nothing any more.");
    } catch (refused) {
      say(refused.message);
    }
    draw();
  };
  const draw = () =>
    render(
      html`
        <header class="title"><h1>Shares</h1></header>
        ${problem ? html`<p class="empty" role="alert">${problem.message}</p>` : nothing}
        ${shares.length || problem ? nothing : html`<p class="empty">Nothing is shared. Open an album, and press Share.</p>`}
        <ul class="shares">
          ${shares.map(
            (share) => html`<li>
              <div>
                <strong>${share.title || share.album || "Photos"}</strong>
                <small>${[
                  share.album ? share.album : counted(share.photos.length, "photo"),
                  share.expires_at ? `until ${dayOf(share.expires_at)}` : "without an end",
                  share.has_password ? "with a password" : "without a password",
                  share.download && "originals may be downloaded",
                  share.upload && "guests may add photos",
                ].filter(Boolean).join(" · ")}</small>
              </div>
              <button class="danger" @click=${() => revoke(share)}>Revoke</button>
            </li>`,
          )}
        </ul>
      `,
      element,
    );
  try {
    ({ shares } = await ask("shares"));
  } catch (refused) {
    problem = refused;
  }
  draw();
}

/** Ask how to share an album or photos, and give the link. */
export function shareDialog({ album = null, photos = null }) {
  const dialog = document.createElement("dialog");
  dialog.className = "card share";
  let link = "";
  let wrong = "";

  const share = async (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    const days = Number(given.get("days"));
    const body = {
      ...(album ? { album } : { photos }),
      title: given.get("title").trim(),
      expires_at: days ? `${new Date(Date.now() + days * DAY).toISOString().slice(0, 19)}Z` : null,
      password: given.get("password") || null,
      download: given.has("download"),
      upload: given.has("upload"),
    };
    try {
      const made = await ask("shares", { method: "POST", body });
      link = new URL(made.url, location.href).href;
      wrong = "";
    } catch (problem) {
      wrong = problem.message;
    }
    draw();
    dialog.querySelector("[readonly]")?.select();
  };
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    say("The link is copied.");
  };

  const draw = () =>
    render(
      link
        ? html`
            <h2>Here is the link</h2>
            <p>Whoever has it sees ${album ? html`the album <em>${album}</em>` : counted(photos.length, "photo")}. It is shown only now.</p>
            <p class="link"><input readonly value=${link} aria-label="Link"><button class="primary" @click=${copy}>Copy</button></p>
            <p class="do"><button @click=${() => dialog.close()}>Done</button></p>
          `
        : html`
            <form @submit=${share}>
              <h2>Share ${album ? html`<em>${album.split("/").pop()}</em>` : counted(photos.length, "photo")}</h2>
              <label>Title for your guests <input name="title" required maxlength="200" .value=${album ? album.split("/").pop() : "Photos"}></label>
              <label>For how long
                <select name="days">
                  <option value="7">a week</option>
                  <option value="30" selected>a month</option>
                  <option value="365">a year</option>
                  <option value="0">until I revoke it</option>
                </select>
              </label>
              <label>Password, if you want one <input name="password" autocomplete="off" minlength="4" maxlength="200"></label>
              <label class="check"><input type="checkbox" name="download"> Guests may download the originals</label>
              ${album ? html`<label class="check"><input type="checkbox" name="upload"> Guests may add photos of theirs</label>` : nothing}
              <p class="wrong" role="alert">${wrong}</p>
              <p class="do"><button type="button" @click=${() => dialog.close()}>Cancel</button><button class="primary">Make the link</button></p>
            </form>
          `,
      dialog,
    );
  dialog.addEventListener("close", () => dialog.remove());
  draw();
  document.body.append(dialog);
  dialog.showModal();
}
