/** Starts the library: who is here, and which page they are at. */

import { ask } from "./api.js";
import { shell } from "./shell.js";

const root = document.getElementById("app");

/** Log in with a token of the address, which is then taken out of it. */
async function loggedInByLink() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return;
  history.replaceState(null, "", location.pathname + location.search);
  await ask("session", { method: "POST", body: { token } }).catch(() => {}); // the page to log in says the rest
}

await loggedInByLink();
shell(root);
