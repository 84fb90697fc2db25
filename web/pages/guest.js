/** What the link of a share opens. */

import { ask } from "../api.js";
import { html, render } from "../vendor/lit-html/lit-html.js";

/** Open a share, by its password where it has one. */
export function guestPage(element, { named: token, whoIsHere, go }) {
  let problem = null;
  let wrong = "";

  const open = async (password) => {
    try {
      await ask("shares/session", { method: "POST", body: { token, password } });
      await whoIsHere();
      return go("/", { isBack: false });
    } catch (refused) {
      problem = refused;
      if (password) wrong = refused.message;
      draw();
    }
  };

  const draw = () =>
    render(
      problem?.told.password
        ? html`
            <form class="card login" @submit=${submit}>
              <span class="lamp large"></span>
              <h1>Shared photos</h1>
              <p>Somebody shares photos with you. They gave you a password for them.</p>
              <label>Password <input name="password" type="password" required autocomplete="off"></label>
              <p class="wrong" role="alert">${wrong}</p>
              <button class="primary">Look at the photos</button>
            </form>
          `
        : html`<p class="empty" role="alert">${problem ? problem.message : "One moment"}</p>`,
      element,
    );
  const submit = (event) => {
    event.preventDefault();
    wrong = "";
    draw();
    open(new FormData(event.target).get("password"));
  };

  draw();
  return open();
}
