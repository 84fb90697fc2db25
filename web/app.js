/** Starts the library: who is here, and which page they are at. */

import { ask, begin } from "./api.js";
import { opening } from "./photos/collection.js";
import { shell, VISITED } from "./shell.js";

/** Log in with a token of the address, which is then taken out of it; return who that is, or null. */
async function loggedInByLink() {
  const given = new URLSearchParams(location.hash.slice(1));
  const [token, refresh_token] = [given.get("token"), given.get("refresh")];
  const isMember = token || localStorage.getItem(VISITED);
  if (isMember && location.pathname === "/") begin("timeline", opening({}), token); // and not after the login
  if (!token) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return ask("session", { method: "POST", body: { token, refresh_token } }).catch(() => null); // the page to log in says the rest
}

loggedInByLink().then((known) => shell(document.getElementById("app"), known));
