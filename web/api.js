/** The library's HTTP API: one way to ask, and one kind of error. */

const MOST = 200; // items of a page

/** What the API refused, in its words (RFC 9457). */
export class Problem extends Error {
  /** @param {number} status of HTTP; 0 where there was no answer  @param {object} told the problem document */
  constructor(status, told) {
    super(told.detail || told.title || "The library does not answer. Look whether you are online, and try again.");
    this.status = status;
    this.told = told;
  }
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
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const search = given.length ? `?${new URLSearchParams(given)}` : "";
  const headers = { "X-Safelight": "1", Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/api/${path}${search}`, { method, headers, signal, body: body && JSON.stringify(body) });
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
 * Return the member of a list that has an id, looking through its pages; undefined where none has it.
 *
 * @param {string} list the path of the list, which is what its answers call their items, too
 * @param {string} id
 * @throws {Problem}
 */
export async function find(list, id) {
  let cursor = null;
  do {
    const page = await ask(list, { query: { cursor, limit: MOST } });
    const found = page[list].find((each) => each.id === id);
    if (found) return found;
    cursor = page.next;
  } while (cursor);
  return undefined;
}
