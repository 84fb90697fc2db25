/** The library's HTTP API: one way to ask, and one kind of error. */

/** What the API refused, in its words (RFC 9457). */
export class Problem extends Error {
  /** @param {number} status of HTTP; 0 where there was no answer  @param {object} told the problem document */
  constructor(status, told) {
    super(told.detail || told.title || "The library does not answer. Look whether you are online, and try again.");
    this.status = status;
    this.told = told;
  }
}

const HEADERS = { "X-Safelight": "1", Accept: "application/json" };
/** @type {Map<string, Promise<Response>>} */
const begun = new Map();

/** Tell whether the session, which has ended, could be renewed; the API does so when it is asked who is here. */
async function isRenewed() {
  const session = await ask("session").catch(() => ({ role: "nobody" }));
  return session.role === "owner" || session.role === "viewer";
}

/** Begin to ask what will be asked in a moment, and only once; with a token, as whom it will have logged in. */
export function begin(path, query, token) {
  const headers = { ...HEADERS, ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = fetch(urlOf(path, query), { headers });
  answer.catch(() => {}); // who asks is told
  begun.set(urlOf(path, query), answer);
}

function urlOf(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return `/api/${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

/**
 * Ask the API, and return what it answers; null where it answers nothing.
 *
 * @param {string} path below /api/
 * @param {{method?: string, query?: object, body?: object, signal?: AbortSignal}} request members of `query`
 *   that are null or empty are left out
 * @throws {Problem}
 */
export async function ask(path, { method = "GET", query = {}, body, signal } = {}) {
  const headers = { ...HEADERS, ...(body && { "Content-Type": "application/json" }) };
  const url = urlOf(path, query);
  const known = method === "GET" && begun.get(url);
  begun.delete(url);
  const send = () => fetch(url, { method, headers, signal, body: body && JSON.stringify(body) });
  let answer;
  try {
    answer = await (known || send());
    const isLogin = path.endsWith("session"); // which is refused for what it said, not for who asks
    if (answer.status === 401 && !isLogin && (await isRenewed())) answer = await send();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, {});
  }
  const text = await answer.text();
  const told = text && (answer.headers.get("Content-Type") || "").includes("json") ? JSON.parse(text) : null;
  if (!answer.ok) throw new Problem(answer.status, told || { title: `The library answers ${answer.status}.` });
  return told;
}

/**
 * Return the member of a list that has an id; undefined where none has it.
 *
 * @param {string} list the path of the list, which is what its answers call their items, too
 * @param {string} id
 * @throws {Problem}
 */
export async function find(list, id) {
  return (await ask(list, { query: { id } }))[list][0];
}
