/**
 * The pinned card of a replay: what was on air, what it cost then, and what it costs today. What is bought is bought
 * today, so the price of then is told as history.
 */

import { $, h, say } from "./dom.js";
import { inWords } from "./money.js";
import { buttonWords, dealOf } from "./pinned.js";
import { picture } from "./price.js";

const KEPT = 60_000; // ms for which today's price is believed before it is asked for again

/** What an item cost, as one amount: its deal, its only variant, or the lowest of them. */
export function costOf(item, deals = []) {
  const deal = dealOf(item, deals);
  if (deal) return { money: deal.price, from: false };
  if (item.variants.length === 1) return { money: item.variants[0].price, from: false };
  return { money: item.price_from, from: item.price_to.minor > item.price_from.minor };
}

/** `Then €19.00 · today €24.00`, in words for the card. @param today an ItemDetail, null (not sold any more) or undefined (not known yet) */
export function pricesThenAndToday(then, deals, today) {
  const was = costOf(then, deals);
  const amount = ({ money, from }) => `${from ? "from " : ""}${inWords(money)}`;
  if (today === undefined) return { then: `Then ${amount(was)}`, today: "" };
  if (today === null) return { then: `Then ${amount(was)}`, today: "not sold any more" };
  if (today.left === 0) return { then: `Then ${amount(was)}`, today: "sold out today" };
  const is = costOf(today);
  if (is.money.minor === was.money.minor && is.money.currency === was.money.currency) return { then: "", today: `${amount(is)}, then and today` };
  return { then: `Then ${amount(was)}`, today: `today ${amount(is)}` };
}

/** Items as they are sold today, by the variants of then. */
export function createToday(room, { ask = fetch, now = () => Date.now() } = {}) {
  const known = new Map(); // variant -> {at, item: Promise<ItemDetail | null>}

  async function fetched(item) {
    const response = await ask(`${room.config.items_url}?variant=${item.variants[0].id}`);
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`The item was answered with ${response.status}.`);
    return room.store.refresh(await response.json());
  }

  /** Null when it is not sold in this show any more. Rejects when that is not to be known now. */
  return function today(item, { fresh = false } = {}) {
    const key = item.variants[0]?.id;
    const held = known.get(key);
    if (held && !fresh && now() - held.at < KEPT) return held.item;
    const entry = { at: now(), item: fetched(item) };
    known.set(key, entry);
    entry.item.catch(() => known.delete(key));
    return entry.item;
  };
}

/** @param then the store of the replay; `room` is the page's own, of today */
export function createReplayCard(room, then, { root = $("#pinned") } = {}) {
  const today = createToday(room);
  let shown = null; // the signature of what is on show
  let parts = null;

  function build(item) {
    parts = {
      then: h("span", { class: "replay-then" }),
      today: h("span", { class: "replay-today" }),
      buy: h("button", { type: "button", class: "button button-primary pinned__buy", id: "buy-pinned", onclick: () => buy(then.state.pinned) }, "Buy"),
    };
    root.replaceChildren(
      h(
        "article",
        { class: "pinned__card settles" },
        h("div", { class: "pinned__thumb" }, picture(item.picture, 64), h("span", { class: "number", "aria-label": `Number ${item.number}` }, item.number)),
        h("div", { class: "pinned__words" }, h("h2", { class: "pinned__title", title: item.title }, item.title), h("p", { class: "pinned__facts replay-prices" }, parts.then, parts.today)),
        parts.buy,
      ),
    );
    root.hidden = false;
  }

  async function fill(item, signature) {
    tell(item, undefined);
    const found = await today(item).catch(() => undefined);
    if (shown === signature) tell(item, found);
  }

  function tell(item, found) {
    const words = pricesThenAndToday(item, then.state.deals, found);
    say(parts.then, words.then);
    say(parts.today, words.today);
    say(parts.buy, found ? buttonWords(found) : "Buy");
    parts.buy.disabled = found === null || found?.left === 0;
    parts.buy.setAttribute("aria-label", `${parts.buy.textContent} today: ${item.title}`);
  }

  /** Always at today's price, asked for at that moment. */
  async function buy(item) {
    const found = await today(item, { fresh: true }).catch(() => undefined);
    if (found) room.openBuy(found);
    else if (found === null) tell(item, null);
    else room.openItem(item.number);
  }

  return {
    buy: () => then.state.pinned && buy(then.state.pinned),
    render(changed) {
      if (!["pinned", "deals", "show"].some((part) => changed.has(part))) return;
      const { pinned, deals } = then.state;
      room.root.classList.toggle("has-pinned", Boolean(pinned));
      if (!pinned) {
        [shown, parts] = [null, null];
        root.replaceChildren();
        root.hidden = true;
        return;
      }
      const { money } = costOf(pinned, deals);
      const signature = `${pinned.number}:${pinned.product}:${pinned.title}:${pinned.picture}`;
      const whole = `${signature}:${money.minor}`;
      if (whole === shown) return;
      if (!shown?.startsWith(`${signature}:`)) build(pinned);
      shown = whole;
      fill(pinned, whole);
    },
  };
}

