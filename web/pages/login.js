/** Where one logs in. */

import { ask } from "../api.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";

/** Ask for a name and a password; with a temporary one, for a new one. */
export function loginPage(element, { whoIsHere, go, session }) {
  let wrong = session.problem?.message ?? "";
  let isNew = false;
  let isBusy = false;

  const draw = () =>
    render(
      html`
        <form class="card login" @submit=${logIn}>
          <span class="lamp large"></span>
          <h1>${isNew ? "Choose a password" : "Open the library"}</h1>
          <label>Name or e-mail address <input name="username" autocomplete="username" required ?readonly=${isNew} autocapitalize="none"></label>
          <label>${isNew ? "Temporary password" : "Password"} <input name="password" type="password" autocomplete="current-password" required></label>
          ${isNew
            ? html`<label>New password <input name="new_password" type="password" autocomplete="new-password" required minlength="12"></label>`
            : nothing}
          <p class="wrong" role="alert">${wrong}</p>
          <button class="primary" ?disabled=${isBusy}>${isNew ? "Set it, and log in" : "Log in"}</button>
        </form>
      `,
      element,
    );

  const logIn = async (event) => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(event.target));
    isBusy = true;
    wrong = "";
    draw();
    try {
      await ask("session", { method: "POST", body });
      await whoIsHere();
      const here = location.pathname === "/login" ? "/" : location.pathname + location.search;
      return go(here, { isBack: true });
    } catch (problem) {
      isNew = Boolean(problem.told.new_password);
      wrong = isNew && !body.new_password ? "" : problem.message;
    }
    isBusy = false;
    draw();
  };

  draw();
  element.querySelector("input").focus();
}
