/** The slim bar that says how the connection is, and what still works without it. */

import { CLOSE } from "./protocol.js";
import { $, h, say } from "./dom.js";

const PATIENCE = 1_200; // a reconnect faster than this is nobody's business

export function createConnection(room) {
  const bar = $("#connection");
  const words = h("span");
  const act = h("span");
  bar.append(words, act);
  let trouble = false;
  let timer = null;

  function show(tone, text, button = null) {
    clearTimeout(timer);
    bar.className = `connection connection--${tone} is-shown`;
    say(words, text);
    act.replaceChildren(...(button ? [button] : []));
  }
  function hide() {
    bar.classList.remove("is-shown");
  }
  const link = (label, href) => h("a", { class: "connection__act", href }, label);

  return {
    /** @param state {state, code?, message?, wait?} from socket.js */
    tell({ state, code, message }) {
      document.documentElement.dataset.connection = state;
      if (state === "open") {
        clearTimeout(timer);
        hide();
        if (trouble) {
          show("good", "You are back. Nothing was missed.");
          timer = setTimeout(hide, 2_500);
        }
        trouble = false;
      } else if (state === "offline") {
        trouble = true;
        show("bad", "You are offline. You can look around; chat and purchases go on when you are back.");
      } else if (state === "closed") {
        trouble = true;
        const who = code === CLOSE.WHO_ARE_YOU;
        show("bad", message || "This room can not be opened.", who ? link("Log in", room.loginPath()) : code === CLOSE.BAD_FRAMES ? link("Reload", location.href) : link("Home", "/"));
      } else if (state === "waiting" && !trouble) {
        clearTimeout(timer);
        timer = setTimeout(() => {
          trouble = true;
          show("look", code === CLOSE.TOO_SLOW ? "Your connection could not keep up. Catching up now." : "Reconnecting. A purchase under way is kept and settled once.");
        }, PATIENCE);
      }
    },
  };
}
