/** Where photos are added: by drop or by choice, with how far each of them is. */

import { ask } from "../api.js";
import { dropped, picked } from "../upload/files.js";
import { send } from "../upload/send.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { bytesOf, counted } from "../words.js";

const SHOWN = 300;

/** Add photos to an album; guests add to the album that is shared with them. */
export async function uploadPage(element, { session, query }) {
  const sendings = [];
  let albums = [];
  let album = query.get("album") || (session.role === "guest" ? session.share.album : "");
  let problem = "";
  let isPlanned = false;

  const add = (files) => {
    if (!album.trim()) {
      problem = "Name an album first.";
      draw();
      return element.querySelector("[name=album]")?.focus();
    }
    problem = files.length ? "" : "There is no photo or film among these files.";
    const fresh = files.map(({ file, path }) => ({ file, path, state: "waiting", sent: 0, words: "Waits", images: [] }));
    sendings.push(...fresh);
    draw();
    return send(fresh, album.trim(), drawSoon);
  };
  const drop = async (event) => {
    event.preventDefault();
    event.currentTarget.classList.remove("over");
    add(await dropped(event.dataTransfer));
  };
  const over = (event) => {
    event.preventDefault();
    event.currentTarget.classList.toggle("over", event.type === "dragover");
  };
  const choose = (event) => {
    add(picked(event.target.files));
    event.target.value = "";
  };
  const drawSoon = () => {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(() => {
      isPlanned = false;
      draw();
    });
  };

  const draw = () => {
    const files = sendings.filter(({ state }) => state !== "ignored");
    const count = (wanted) => files.filter(({ state }) => state === wanted).length;
    const [done, there, refused] = [count("done"), count("there"), count("refused")];
    const ended = done + there + refused;
    const words = [
      done && `${counted(done, "photo")} added`,
      there && `${counted(there, "photo")} there already`,
      refused && `${counted(refused, "file")} refused`,
    ].filter(Boolean);
    render(
      html`
        <header class="title"><h1>Add photos</h1></header>
        <form class="into" @submit=${(event) => event.preventDefault()}>
          <label>Album
            <input name="album" list="albums" .value=${album} ?readonly=${session.role === "guest"} placeholder="Summer 2024"
              autocomplete="off" @input=${(event) => (album = event.target.value)}>
          </label>
          <datalist id="albums">${albums.map(({ name }) => html`<option value=${name}></option>`)}</datalist>
        </form>
        <div class="drop" @drop=${drop} @dragover=${over} @dragleave=${over}>
          <p>Drop photos, films or folders here</p>
          <p>
            <label class="button primary">Choose files <input type="file" class="hidden" name="photos" multiple accept="image/*,video/*,.mkv,.mts,.m2ts,.heic,.heif,.avif,.jxl,.dng,.cr2,.cr3,.nef,.arw,.orf,.rw2,.raf,.tif,.tiff,.psd,.xmp" @change=${choose}></label>
            <label class="button">Choose a folder <input type="file" class="hidden" name="folder" webkitdirectory multiple @change=${choose}></label>
          </p>
        </div>
        <p class="wrong" role="alert">${problem}</p>
        ${files.length
          ? html`
              <p class="sum" aria-live="polite">${words.length ? `${words.join(", ")}.` : nothing} ${ended < files.length ? `${counted(files.length - ended, "file")} to go.` : nothing}</p>
              <progress max=${files.length} .value=${ended} aria-label="All files"></progress>
              <ul class="sendings">${files.slice(-SHOWN).toReversed().map(shown)}</ul>
            `
          : nothing}
      `,
      element,
    );
  };

  draw();
  if (session.role === "owner") {
    ({ albums } = await ask("albums").catch(() => ({ albums: [] }))); // names to choose from are a help only
    draw();
  }
}

function shown({ file, path, state, sent, words, images, id }) {
  const image = images[0];
  return html`
    <li class=${state}>
      <span class="cover">${image ? html`<img src=${image.url} alt="">` : nothing}</span>
      <span class="file">${state === "done" && id ? html`<a href="/photo/${id}">${path}</a>` : path} <small>${bytesOf(file.size)}</small></span>
      <span class="how">
        ${state === "sending" ? html`<progress max=${file.size || 1} .value=${sent} aria-label="Sent"></progress>` : nothing}
        ${state === "reading" ? "Looking whether it is there" : state === "sending" ? `${Math.round((sent / (file.size || 1)) * 100)} %` : words}
      </span>
    </li>
  `;
}
