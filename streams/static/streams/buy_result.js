/** What became of a purchase: on its way, placed and paid, or the plain reason and the next best step. */

import { post } from "./api.js";
import { clockface, every } from "./clock.js";
import { h, icon, say } from "./dom.js";
import { available } from "./items_state.js";
import { inWords } from "./money.js";
import { cardChoices } from "./payable.js";
import { newKey } from "./protocol.js";
import { toast } from "./toast.js";

const outcome = (tone, name, title, ...words) =>
  h("div", { class: `outcome outcome--${tone}`, role: "status" }, h("span", { class: "outcome__mark" }, name ? icon(name) : h("span", { class: "spinner", "aria-hidden": "true" })), h("h3", {}, title), ...words);
const primary = (label, run, id = null) => h("button", { type: "button", class: "button button-primary button-block", id, onclick: run }, label);
const quiet = (label, run) => h("button", { type: "button", class: "button", onclick: run }, label);
const p = (text) => h("p", {}, text);

export function sendingView(room, entry) {
  const late = h("p", { class: "outcome__late" });
  setTimeout(() => {
    if (late.isConnected) say(late, room.socketOpen() ? "Many people are buying right now. You do not need to tap again." : "The connection is gone for a moment. Your purchase is kept and settled as soon as it is back; it can not happen twice.");
  }, 2_000);
  return { body: [outcome("waiting", null, "Reserving yours", p(`${entry.data.quantity} × ${entry.note.title}`), late)], foot: [] };
}

/** @param order an OrderValue, or undefined while only its number is known */
export function orderView(room, order, { close, order: id }) {
  const link = h("a", { class: "button", href: `/orders/${id}/` }, "See the order");
  if (!order) return { body: [outcome("waiting", null, "Your order is placed", p("Waiting for its payment."))], foot: [link] };
  const lines = h("ul", { class: "outcome__lines" }, ...order.lines.map((each) => h("li", {}, h("span", {}, `${each.quantity} × ${each.title}`), h("span", {}, inWords(each.total)))), h("li", { class: "outcome__sum" }, h("span", {}, "Total, with shipping"), h("span", {}, inWords(order.total))));
  const keep = primary("Keep watching", close);
  if (["paid", "packed", "shipped", "delivered"].includes(order.status)) {
    return { body: [outcome("paid", "check", "Paid. It is yours.", p(`Order ${order.order}`)), lines], foot: [link, keep] };
  }
  if (order.status === "cancelled" || order.status === "expired") {
    const why = order.message || (order.status === "expired" ? "The time to pay ran out, so the items went back to the shelf. Nothing was charged." : "The order was cancelled. Nothing is charged.");
    return { body: [outcome("sorry", "clock", order.status === "expired" ? "Not paid in time" : "Cancelled", p(why)), lines], foot: [link, keep] };
  }
  if (order.payment === "requires_action") {
    return { body: [outcome("look", "shield", "Your bank asks you to confirm", p("This is the simulated 3-D Secure step: one tap says that it is you."), kept(order)), lines], foot: [link, primary("Confirm payment", confirm, "confirm-payment")] };
  }
  if (order.payment === "declined") {
    return {
      body: [outcome("look", "card", "The card was declined", p("The items are still kept for you. Choose another card."), kept(order)), cardChoices(room.config.cards, change), lines],
      foot: [link],
    };
  }
  return { body: [outcome("waiting", null, "Paying", p("The items are reserved for you. This usually takes a second."), kept(order)), lines], foot: [link, quiet("Keep watching", close)] };

  async function confirm(event) {
    await act(event.currentTarget, post(`/orders/${id}/confirm`, {}, { key: newKey() }));
  }
  async function change(number) {
    await act(null, post(`/orders/${id}/card`, { card: number }, { key: newKey() }));
  }
  async function act(button, asked) {
    if (button) button.disabled = true;
    const reply = await asked;
    if (button) button.disabled = false;
    if (!reply.ok) toast(reply.error.message, { tone: "bad" });
    else if (reply.data.order) room.apply({ epoch: room.store.state.epoch, events: [{ type: "order.updated", data: { order: reply.data } }] });
  }
}

function kept(order) {
  const line = h("p", { class: "outcome__kept" });
  if (!order.expires_at) return line;
  const stop = every((now) => {
    say(line, order.expires_at > now ? `Kept for you for ${clockface(order.expires_at - now)}` : "");
    if (line.dataset.seen && !line.isConnected) stop?.();
    if (line.isConnected) line.dataset.seen = "1";
  });
  return line;
}

/** A refusal: what happened, what is safe, what to do. `buy` tries again with what is known now. */
export function reasonView(room, { error, choice, variant, price, left, buy, choose, pick = () => {} }) {
  const nothing = p("Nothing was charged.");
  const shipping = room.store.state.show.shipping.minor;
  if (error.code === "price_changed" && price) {
    const total = { ...price, minor: price.minor * choice.quantity + shipping };
    return {
      body: [outcome("look", "tag", `It is now ${inWords(price)}`, p("The price changed in the moment you tapped. Nothing was ordered; it is up to you."))],
      foot: [quiet("Back", choose), primary(`Buy now · ${inWords(total)}`, buy, "buy-now")],
    };
  }
  if (error.code === "sold_out") {
    if (left > 0) {
      return {
        body: [outcome("look", "cart", `Only ${left} left`, p("You asked for more than there are. Nothing was ordered."))],
        foot: [primary(`Take ${left}`, () => pick({ quantity: left }))],
      };
    }
    const others = choice.item.variants.filter((each) => each.id !== variant.id && available(each) > 0).slice(0, 8);
    return {
      body: [
        outcome("sorry", "cart", `${variant.title || choice.item.title} just sold out`, p("Somebody was a moment faster. Nothing was charged."), others.length ? p("These are still here:") : null),
        h("div", { class: "picker__grid" }, ...others.map((each) => h("button", { type: "button", class: "chip", onclick: () => pick({ variant: each.id, quantity: 1 }) }, each.title))),
      ],
      foot: [others.length ? quiet("See all", choose) : primary("See the other items", room.openItems)],
    };
  }
  if (error.code === "over_limit") {
    const { per_buyer, have } = error.data ?? {};
    const rest = Math.max(0, (per_buyer ?? 0) - (have ?? 0));
    return {
      body: [outcome("look", "tag", per_buyer ? `${per_buyer} for each person` : "That is more than one person can have", p(have ? `You already have ${have} at this price.` : error.message), nothing)],
      foot: rest > 0 ? [primary(`Take ${rest}`, () => pick({ quantity: rest }))] : [quiet("Back", choose)],
    };
  }
  return {
    body: [outcome("sorry", "info", "That did not work", p(error.message), nothing)],
    foot: [quiet("Back", choose), ...(error.retry ? [primary("Try again", buy)] : [])],
  };
}
