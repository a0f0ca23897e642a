/** The cart as a sheet: what is kept, for how long, and the way to the checkout. */

import { clockface, every } from "./clock.js";
import { $, h, say } from "./dom.js";
import { inWords } from "./money.js";
import { picture } from "./price.js";
import { createSheet } from "./sheet.js";

export function createCart(room) {
  const { store } = room;
  const badge = $("#cart-count");
  const sheet = createSheet({ label: "Your cart", className: "sheet--tall", onClose: stopAll });
  let stops = [];

  function stopAll() {
    stops.forEach((stop) => stop());
    stops = [];
  }

  function line(each) {
    const kept = h("span", { class: "cartline__kept" });
    stops.push(
      every((now) => {
        const left = each.held_until ? each.held_until - now : 0;
        say(kept, left > 0 ? `Kept for ${clockface(left)}` : each.left > 0 ? "Not kept any more, still here" : "Sold out meanwhile");
        kept.classList.toggle("is-few", left > 0 && left < 120_000);
      }),
    );
    return h(
      "li",
      { class: "cartline" },
      picture(each.picture, 48),
      h("span", { class: "cartline__words" }, h("span", { class: "cartline__title" }, each.title), kept),
      h("span", { class: "cartline__price" }, h("b", {}, inWords(each.total)), h("small", {}, `${each.quantity} × ${inWords(each.unit)}`)),
    );
  }

  function draw() {
    stopAll();
    const cart = store.state.me?.cart;
    if (!cart?.lines.length) {
      sheet.body.replaceChildren(h("p", { class: "empty" }, "Your cart is empty. What you add here is kept for ten minutes."));
      sheet.foot.replaceChildren(h("button", { type: "button", class: "button button-primary button-block", onclick: room.openItems }, "See the items"));
      return;
    }
    const sum = (label, money, strong = "") => money && h("div", { class: strong }, h("dt", {}, label), h("dd", {}, inWords(money)));
    sheet.body.replaceChildren(
      h("ul", { class: "cartlines" }, ...cart.lines.map(line)),
      h("dl", { class: "totals" }, ...[sum("Items", cart.items_total), sum("Shipping", cart.shipping), sum("Total, with tax", cart.total, "totals__sum")].filter(Boolean)),
    );
    sheet.foot.replaceChildren(h("a", { class: "button button-primary button-block", href: "/cart/" }, "To the checkout"));
  }

  return {
    open() {
      if (!room.known("cart")) return;
      draw();
      sheet.open();
    },
    close: sheet.close,
    render(changed) {
      if (!changed.has("cart")) return;
      const count = (store.state.me?.cart.lines ?? []).reduce((sum, each) => sum + each.quantity, 0);
      say(badge, count ? String(count) : "");
      $("#cart").setAttribute("aria-label", count ? `Cart, ${count} in it` : "Cart");
      if (sheet.isOpen) draw();
    },
  };
}
