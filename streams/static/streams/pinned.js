/** The pinned card: what is on air, what it costs, how many are left, and one button. */

import { createCountdown } from "./countdown.js";
import { $, h, icon, say } from "./dom.js";
import { available } from "./items_state.js";
import { before, picture, price, pricesOf } from "./price.js";

const FEW = 20;

export function stockWords(left, { deal = false } = {}) {
  if (left === 0) return "Sold out";
  if (deal) return `${left.toLocaleString("en")} left at this price`;
  return left <= FEW ? `Only ${left.toLocaleString("en")} left` : `${left.toLocaleString("en")} left`;
}

/** What the button of a card says: one variant to buy, several to choose from, or none left. */
export function buttonWords(item) {
  if (item.left === 0) return "Sold out";
  return item.variants.length > 1 ? "Choose" : "Buy";
}

const swatchOf = (variant) => variant.options.find((option) => option.swatch);

/** One variant for each colour, one that can be had if there is one; without colours all of them. */
function kinds(variants) {
  if (!variants.every(swatchOf)) return variants;
  const found = new Map();
  for (const each of variants) {
    const { value } = swatchOf(each);
    if (!found.has(value) || (available(found.get(value)) === 0 && available(each) > 0)) found.set(value, each);
  }
  return [...found.values()];
}

/** The running deal of an item, if one of its variants has one. */
export const dealOf = (item, deals) => deals.find((deal) => item.variants.some((each) => each.id === deal.variant)) ?? null;

/** @param preview a card without acts, for the host's console */
export function createPinned(room, { root = $("#pinned"), preview = false } = {}) {
  const { store } = room;
  const live = $("#announce");
  let number = null;
  let deal = null;
  let parts = null;
  let countdown = null;

  function build(item) {
    const look = "button button-primary pinned__buy";
    const buy = preview
      ? h("span", { class: look, "aria-hidden": "true" }, "Buy")
      : h("button", { type: "button", class: look, id: "buy-pinned", onclick: () => room.openBuy(store.state.pinned) }, "Buy");
    parts = {
      thumb: h("div", { class: "pinned__thumb" }, picture(item.picture, 64), h("span", { class: "number", "aria-label": `Number ${item.number}` }, item.number)),
      title: h("h2", { class: "pinned__title", title: item.title }, item.title),
      price: h("span", { class: "pinned__price" }),
      stock: h("span", { class: "pinned__stock" }),
      deal: h("div", { class: "pinned__deal" }),
      variants: h("div", { class: "pinned__variants" }),
      buy,
    };
    root.replaceChildren(
      h(
        "article",
        { class: "pinned__card" },
        parts.thumb,
        h("div", { class: "pinned__words" }, parts.title, h("div", { class: "pinned__facts" }, parts.price, parts.stock), parts.deal),
        parts.variants,
        buy,
      ),
    );
    parts.variants.append(...chips(item));
    root.hidden = false;
  }

  /** A few variants inline where there is room (desktop); all of them are in the sheet. */
  function chips(item) {
    if (preview || item.variants.length < 2) return [];
    const looks = kinds(item.variants);
    const few = looks.slice(0, 7);
    const parts = few.map((variant) => {
      const swatch = swatchOf(variant)?.swatch;
      const name = swatch ? swatchOf(variant).value : variant.title;
      return h(
        "button",
        { type: "button", class: swatch ? "dot" : "chip", title: name, "aria-label": name, disabled: available(variant) === 0, style: swatch ? { "--swatch": swatch } : {}, onclick: () => room.openBuy(store.state.pinned, { variant: variant.id }) },
        swatch ? "" : variant.title,
      );
    });
    const rest = looks.length - few.length;
    if (rest > 0) parts.push(h("button", { type: "button", class: "chip", onclick: () => room.openBuy(store.state.pinned) }, `+${rest}`));
    return parts;
  }

  function fill(item) {
    const running = dealOf(item, store.state.deals);
    const variant = running ? item.variants.find((each) => each.id === running.variant) : item.variants[0];
    const shownPrice = running
      ? price(running.price, { was: running.was })
      : item.variants.length === 1
        ? price(variant.price, { was: before(variant) })
        : pricesOf(item);
    if (parts.price.textContent !== shownPrice.textContent) parts.price.replaceChildren(shownPrice);
    const left = running ? running.left : item.left;
    say(parts.stock, stockWords(left, { deal: Boolean(running) }));
    parts.stock.classList.toggle("is-few", left > 0 && left <= FEW);
    parts.stock.classList.toggle("is-gone", left === 0);
    say(parts.buy, buttonWords(item));
    if (!preview) {
      parts.buy.disabled = item.left === 0;
      parts.buy.setAttribute("aria-label", `${buttonWords(item)}: ${item.title}`);
    }
    if (running?.id !== deal) {
      deal = running?.id ?? null;
      countdown?.stop();
      countdown = running ? createCountdown(running) : null;
      root.classList.toggle("has-deal", Boolean(running));
      parts.deal.replaceChildren(...(running ? [h("span", { class: "pinned__flash" }, icon("bolt"), running.per_buyer ? `Deal, ${running.per_buyer} each` : "Deal"), countdown.element] : []));
      if (running && !preview) say(live, `Deal on ${running.title}: ${shownPrice.textContent}`);
    }
  }

  return {
    render(changed) {
      if (!changed.has("pinned") && !changed.has("deals") && !changed.has("show")) return;
      const { pinned } = store.state;
      room.root.classList.toggle("has-pinned", Boolean(pinned));
      if (!pinned) {
        countdown?.stop();
        [number, deal, countdown] = [null, null, null];
        root.replaceChildren();
        root.hidden = true;
        return;
      }
      const signature = `${pinned.number}:${pinned.title}:${pinned.picture}:${pinned.variants.map((each) => `${each.id}${available(each) ? "" : "-"}`)}`;
      if (signature !== number) {
        const another = number?.split(":")[0] !== String(pinned.number);
        number = signature;
        deal = null;
        countdown?.stop();
        build(pinned);
        if (another && !preview) {
          root.firstElementChild.classList.add("settles");
          say(live, `Now on air: number ${pinned.number}, ${pinned.title}`);
        }
      }
      fill(pinned);
    },
  };
}
