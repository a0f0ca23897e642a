/** What is bought, how many, where to, paid how, and the total: everything that the second tap agrees to. */

import { createCountdown } from "./countdown.js";
import { h, icon, say } from "./dom.js";
import { available } from "./items_state.js";
import { inWords } from "./money.js";
import { addressForm, cardForm } from "./payable.js";
import { stockWords } from "./pinned.js";
import { before, price } from "./price.js";
import { LIMITS } from "./protocol.js";
import { createPicker } from "./variants.js";

/**
 * @param choice {item, variant, quantity}: changed in place by what the person picks
 * @param acts {buy(), addToCart()}
 */
export function createForm(room, choice, acts) {
  const { store } = room;
  const picture = h("img", { class: "buy__picture", alt: "", width: 480, height: 480 });
  const cost = h("div", { class: "buy__price" });
  const stock = h("p", { class: "buy__stock" });
  const deal = h("div", { class: "buy__deal" });
  const count = h("output", { class: "stepper__count" });
  const less = h("button", { type: "button", class: "round", "aria-label": "One less", onclick: () => step(-1) }, icon("minus"));
  const more = h("button", { type: "button", class: "round", "aria-label": "One more", onclick: () => step(1) }, icon("plus"));
  const facts = { items: h("dd"), shipping: h("dd"), total: h("dd") };
  const payable = h("div", { class: "payable" });
  const buyNow = h("button", { type: "button", class: "button button-primary button-block", id: "buy-now", autofocus: true, onclick: acts.buy });
  const toCart = h("button", { type: "button", class: "button", id: "add-to-cart", onclick: acts.addToCart }, "Add to cart");
  const picker = createPicker(choice.item, (picked) => {
    choice.variant = picked.id;
    update();
  });
  const about = choice.item.description;
  const element = h(
    "div",
    { class: "buy" },
    h("div", { class: "buy__top" }, picture, h("div", { class: "buy__facts" }, h("p", { class: "buy__vendor" }, [choice.item.vendor, choice.item.category].filter(Boolean).join(" · ")), cost, stock, deal)),
    picker.element,
    h("div", { class: "buy__row" }, h("span", {}, "Quantity"), h("div", { class: "stepper" }, less, count, more)),
    payable,
    h("dl", { class: "totals" }, h("div", {}, h("dt", {}, "Items"), facts.items), h("div", {}, h("dt", {}, "Shipping"), facts.shipping), h("div", { class: "totals__sum" }, h("dt", {}, "Total, with tax"), facts.total)),
    about && h("details", { class: "buy__about" }, h("summary", {}, "About it"), h("p", {}, about)),
  );
  let shownDeal = null;
  let countdown = null;
  let editing = null;
  let payableKey = null;

  const variant = () => choice.item.variants.find((each) => each.id === choice.variant) ?? choice.item.variants[0];
  const most = () => Math.max(1, Math.min(LIMITS.QUANTITY, variant().deal ? variant().deal_left || available(variant()) : available(variant()), variant().per_buyer ?? LIMITS.QUANTITY));

  function step(by) {
    choice.quantity = Math.min(most(), Math.max(1, choice.quantity + by));
    update();
  }

  function update() {
    const chosen = variant();
    const gone = available(chosen) === 0;
    choice.quantity = Math.min(choice.quantity, most());
    picker.update(choice.item, chosen.id);
    const source = chosen.picture ?? choice.item.picture;
    if (source && picture.getAttribute("src") !== source) picture.src = source;
    picture.hidden = !source;
    const running = chosen.deal ? store.state.deals.find((each) => each.id === chosen.deal) : null;
    cost.replaceChildren(price(chosen.price, { was: running?.was ?? before(chosen) }));
    say(stock, stockWords(chosen.deal ? chosen.deal_left : chosen.left, { deal: Boolean(chosen.deal) }));
    stock.classList.toggle("is-gone", gone);
    stock.classList.toggle("is-few", !gone && available(chosen) <= 20);
    showDeal(chosen);
    say(count, String(choice.quantity));
    less.disabled = choice.quantity <= 1;
    more.disabled = choice.quantity >= most();
    const items = { ...chosen.price, minor: chosen.price.minor * choice.quantity };
    const { shipping } = store.state.show;
    const total = { ...items, minor: items.minor + shipping.minor };
    say(facts.items, inWords(items));
    say(facts.shipping, shipping.minor ? inWords(shipping) : "Free");
    say(facts.total, inWords(total));
    say(buyNow, gone ? "Sold out" : room.me ? `Buy now · ${inWords(total)}` : `Log in to buy · ${inWords(total)}`);
    buyNow.disabled = gone || Boolean(editing);
    toCart.disabled = gone;
    toCart.hidden = !room.me || !room.isOpen();
    showPayable();
  }

  function showDeal(chosen) {
    const found = chosen.deal ? store.state.deals.find((each) => each.id === chosen.deal) : null;
    if ((found?.id ?? null) === shownDeal) return;
    shownDeal = found?.id ?? null;
    countdown?.stop();
    countdown = found ? createCountdown(found) : null;
    const limit = chosen.per_buyer ? `${chosen.per_buyer} for each person` : "";
    deal.replaceChildren(...(found ? [h("span", {}, limit), countdown.element] : []));
  }

  function showPayable() {
    const me = store.state.me;
    payable.hidden = !me;
    const key = me && `${editing}|${me.has_address}|${me.address_line}|${me.has_card}|${me.card_last4}`;
    if (!me || key === payableKey) return;
    payableKey = key;
    if (!editing && !me.has_address) editing = "address";
    else if (!editing && !me.has_card) editing = "card";
    const done = (saved) => {
      editing = null;
      payableKey = null;
      room.applyMe(saved);
      update();
      buyNow.focus();
    };
    payable.replaceChildren(
      line("address", "place", "Ship to", me.has_address ? me.address_line : "Your address"),
      ...(editing === "address" ? [addressForm(done)] : []),
      line("card", "card", "Pay with", me.has_card ? `Test card ending in ${me.card_last4}` : "A test card"),
      ...(editing === "card" ? [cardForm(room.config.cards, done)] : []),
    );
    buyNow.disabled = Boolean(editing) || available(variant()) === 0;
  }

  const line = (name, symbol, label, text) =>
    h(
      "button",
      {
        type: "button",
        class: "payable__line",
        "aria-expanded": String(editing === name),
        onclick: () => {
          editing = editing === name ? null : name;
          payableKey = null;
          update();
        },
      },
      icon(symbol),
      h("span", { class: "payable__label" }, label),
      h("span", { class: "payable__text" }, text),
      h("span", { class: "payable__act" }, editing === name ? "Close" : "Change"),
    );

  update();
  return {
    element,
    acts: [toCart, buyNow],
    update,
    /** The room asked for an address or a card: open that form and say why. */
    needs(what, message) {
      editing = what;
      payableKey = null;
      update();
      payable.prepend(h("p", { class: "note", role: "alert" }, message));
      payable.querySelector("input, select")?.focus();
    },
  };
}
