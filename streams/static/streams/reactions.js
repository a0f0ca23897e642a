/** Hearts along three curves, at most 24 at once; taps are counted and sent once a second. */

import { $, h } from "./dom.js";
import { LIMITS } from "./protocol.js";

const MOST = 24;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function createReactions(room) {
  const { store } = room;
  const sky = $("#hearts");
  const button = $("#react");
  let flying = 0;
  let known = null;
  let mine = 0;
  let unsent = 0;
  let timer = null;

  function fly(count, own = false) {
    if (document.hidden) return;
    for (let index = 0; index < count && flying < MOST; index += 1) {
      flying += 1;
      const heart = h("span", {
        class: `heart heart--${1 + Math.floor(Math.random() * 3)}${own ? " heart--own" : ""}`,
        style: { "--delay": `${Math.round(index * 90 + Math.random() * 80)}ms`, "--tilt": `${Math.round(Math.random() * 30 - 15)}deg` },
      });
      heart.addEventListener("animationend", () => {
        heart.remove();
        flying -= 1;
      });
      sky.append(heart);
    }
  }

  async function flush() {
    timer = null;
    const count = Math.min(unsent, LIMITS.REACTIONS);
    unsent = 0;
    if (count) await room.send("react", { kind: "heart", count });
  }

  button.addEventListener("click", () => {
    if (!room.known("like")) return;
    mine += 1;
    unsent += 1;
    fly(1, true);
    button.classList.remove("beat");
    void button.offsetWidth;
    button.classList.add("beat");
    timer ??= setTimeout(flush, 1000);
  });

  return {
    render(changed) {
      if (!changed.has("reactions")) return;
      const { heart, clap, fire, wow } = store.state.reactions;
      const total = heart + clap + fire + wow;
      // Our own taps have flown already; the first value says what was before we came.
      const fresh = known === null ? 0 : Math.max(0, total - known - mine);
      mine = known === null ? mine : Math.max(0, mine - Math.max(0, total - known));
      known = total;
      const word = total > 999 ? `${(total / 1000).toFixed(1)}k` : String(total);
      $("#react-count").textContent = total ? word : "";
      fly(calm.matches ? Math.min(fresh, 3) : Math.min(fresh, 8));
    },
  };
}
