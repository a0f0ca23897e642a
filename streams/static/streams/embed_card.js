/** The pinned card on another site: what is on air, what it costs, how many are left, and one way into the room. */

import { createCountdown } from "./countdown.js";
import { $, h, icon, say } from "./dom.js";
import { buttonWords, dealOf, stockWords } from "./pinned.js";
import { groundOf } from "./ground.js";
import { before, picture, price, pricesOf } from "./price.js";

const FEW = 20;

export function createCard(store, { root = $("#card"), roomUrl }) {
  const live = $("#announce");
  let drawn = null;
  let clock = null;
  let deal = null;
  let older = false;

  /** The room, with this item open. */
  const address = (item) => `${roomUrl}?act=${encodeURIComponent(`item:${item.number}`)}`;

  function draw(item) {
    const running = item.variants ? dealOf(item, store.state.deals) : null;
    const left = running ? running.left : item.left;
    const cost = running ? price(running.price, { was: running.was }) : item.variants?.length === 1 ? price(item.variants[0].price, { was: before(item.variants[0]) }) : pricesOf(item);
    const words = item.variants ? buttonWords(item) : item.left === 0 ? "Sold out" : "Buy";
    const look = JSON.stringify([item.number, item.title, item.picture, cost.textContent, left, running?.id, words]);
    if (look === drawn) return;
    const another = drawn === null || JSON.parse(drawn)[0] !== item.number;
    drawn = look;
    if (running?.id !== deal) {
      clock?.stop();
      deal = running?.id ?? null;
      clock = running ? createCountdown(running) : null;
    }
    root.classList.toggle("has-deal", Boolean(running));
    const stock = h("span", { class: `pinned__stock${left === 0 ? " is-gone" : left <= FEW ? " is-few" : ""}` }, stockWords(left, { deal: Boolean(running) }));
    root.replaceChildren(
      h("div", { class: "embed__thumb" }, picture(item.picture, 64), h("span", { class: "number", "aria-label": `Number ${item.number}` }, item.number)),
      h(
        "div",
        { class: "embed__words" },
        h("h1", { class: "embed__name", title: item.title }, item.title),
        h("div", { class: "pinned__facts" }, h("span", { class: "pinned__price" }, cost), stock),
        clock && h("div", { class: "pinned__deal" }, h("span", { class: "pinned__flash" }, icon("bolt"), "Deal"), clock.element),
      ),
      h("a", { class: `button embed__buy${left === 0 ? "" : " button-primary"}`, id: "buy", href: address(item), target: "_blank", rel: "noopener", "aria-label": `${words === "Sold out" ? "See it" : words}: ${item.title}, opens the show` }, words === "Sold out" ? "See it" : words),
    );
    const image = $("img", root);
    if (image) light(image);
    if (another && item.variants) say(live, `Now on air: number ${item.number}, ${item.title}`);
  }

  /** Beside a picture in a frame of another shape lies its own ground. */
  async function light(image) {
    await image.decode().catch(() => {});
    const ground = groundOf(image);
    if (ground) image.parentElement.style.background = `linear-gradient(${ground.top}, ${ground.mid} 66%, ${ground.foot})`;
  }

  return {
    /** An item of the run of show that is not on air (any more), at the price of now. */
    show(item) {
      older = true;
      root.hidden = !item;
      if (item) draw(item);
    },
    render(changed) {
      if (!["pinned", "deals", "show"].some((part) => changed.has(part))) return;
      const { pinned } = store.state;
      if (older) return; // a replay: what was on air then
      root.hidden = !pinned;
      if (pinned) draw(pinned);
      else {
        clock?.stop();
        [drawn, clock, deal] = [null, null, null];
        root.replaceChildren();
      }
    },
  };
}
