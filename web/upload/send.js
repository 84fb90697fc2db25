/** Sends files to the originals bucket, by URLs that the API signs, and follows them until they are photos. */

import { ask, Problem } from "../api.js";

const LARGEST_TOLD_AT_ONCE = 100;
const AT_ONCE = 3;
const PAUSE = 1200;

/**
 * One file on its way.
 *
 * @typedef {{file: File, path: string, state: "waiting" | "reading" | "sending" | "making" | "done" | "there" | "ignored"
 *   | "refused", sent: number, id?: string, words: string, images: object[]}} Sending
 */

const STAGES = {
  waiting: "Waits for its place",
  processing: "Being made",
  published: "Can be seen, and is looked at more closely",
};

/** Return the SHA-256 of a file in hexadecimal. */
async function sha256Of(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Send files into an album, and follow them.
 *
 * @param {Sending[]} sendings  @param {string} album  @param {() => void} onChange
 */
export async function send(sendings, album, onChange) {
  const waiting = [...sendings];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      try {
        await sendOne(next, album, onChange);
      } catch (error) {
        next.state = "refused";
        next.words = error instanceof Problem ? error.message : "The file cannot be read. Look whether it is still there.";
      }
      onChange();
    }
  };
  const following = follow(sendings, onChange);
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await following;
}

async function sendOne(sending, album, onChange) {
  sending.state = "reading";
  onChange();
  const sha256 = await sha256Of(sending.file);
  const folder = sending.path.split("/").slice(0, -1).join("/");
  const named = { filename: sending.file.name, bytes: sending.file.size, sha256 };
  const into = [album, folder].filter(Boolean).join("/");
  const { files } = await ask("uploads", { method: "POST", body: { album: into, files: [named] } });
  const [told] = files;
  sending.id = told.id;
  if (told.state === "ignored") {
    sending.state = "ignored";
    return;
  }
  if (told.state === "same") {
    sending.state = "there";
    sending.words = "It is in the library already.";
    return;
  }
  if (told.state === "taken" || told.state === "refused") {
    sending.state = "refused";
    sending.words = told.message || "Another photo has this name in this album. Rename the file, or choose another album.";
    return;
  }
  sending.state = "sending";
  const progress = (bytes) => {
    sending.sent = bytes;
    onChange();
  };
  if (told.multipart) await sendParts(sending, told, progress);
  else await put(sending.file, told.put, progress);
  sending.state = "making";
  sending.words = "On its way";
}

async function sendParts(sending, { id, multipart }, progress) {
  const { upload_id, part_bytes, parts } = multipart;
  try {
    for (let number = 1; number <= parts; number += 1) {
      const start = (number - 1) * part_bytes;
      const signed = await ask("uploads/parts", { method: "POST", body: { id, upload_id, parts: [number] } });
      const piece = sending.file.slice(start, start + part_bytes);
      await put(piece, { url: signed.parts[0].url, headers: {} }, (bytes) => progress(start + bytes));
    }
    await ask("uploads/complete", { method: "POST", body: { id, upload_id } });
  } catch (error) {
    await ask("uploads/abort", { method: "POST", body: { id, upload_id } }).catch(() => {}); // it expires by itself
    throw error;
  }
}

/** Put bytes at a signed URL; XMLHttpRequest alone tells how far it is. */
function put(bytes, { url, headers }, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    const refused = (status) => reject(new Problem(status, { detail: "The upload was cut short. Look whether you are online, and try again." }));
    request.addEventListener("load", () => (request.status < 300 ? resolve() : refused(request.status)));
    request.addEventListener("error", () => refused(0));
    request.send(bytes);
  });
}

/** Ask how far photos are until each of them has ended. */
async function follow(sendings, onChange) {
  const isOpen = ({ state }) => ["waiting", "reading", "sending", "making"].includes(state);
  while (sendings.some(isOpen)) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    const making = sendings.filter(({ state }) => state === "making").slice(0, LARGEST_TOLD_AT_ONCE);
    if (!making.length) continue;
    const told = await ask("status", { method: "POST", body: { ids: making.map(({ id }) => id) } }).catch(() => ({ photos: [] }));
    for (const photo of told.photos) {
      const sending = making.find(({ id }) => id === photo.id);
      if (!sending) continue;
      sending.images = photo.images || [];
      if (photo.stage !== "done") sending.words = STAGES[photo.stage];
      else if (photo.status === "ACTIVE") Object.assign(sending, { state: "done", words: "In the library" });
      else if (photo.status === "HELD") Object.assign(sending, { state: "done", words: "Held until somebody has looked at it" });
      else Object.assign(sending, { state: "refused", words: [photo.message, photo.remedy].filter(Boolean).join(" ") });
    }
    onChange();
  }
}
