/** Prices as page parts: currency small, number large, the old price struck through and never larger. */

import { h, icon } from "./dom.js";
import { figure, inWords, symbol } from "./money.js";

export function price(money, { was = null, from = false } = {}) {
  const higher = was && was.minor > money.minor ? was : null;
  return h(
    "span",
    { class: "cost" },
    h("span", { class: "unseen" }, `${from ? "from " : ""}${inWords(money)}${higher ? `, before ${inWords(higher)}` : ""}`),
    h(
      "span",
      { "aria-hidden": "true", class: "price" },
      from && h("span", { class: "price-from" }, "from "),
      h("span", { class: "price-currency" }, symbol(money.currency)),
      figure(money),
    ),
    higher && h("s", { "aria-hidden": "true", class: "price-old" }, inWords(higher)),
  );
}

/** What a variant cost before: outside the show, or its compare-at price, whichever is higher. */
export const before = ({ list_price, compare_at }) => (compare_at && compare_at.minor > list_price.minor ? compare_at : list_price);

export const pricesOf = (item) =>
  price(item.price_from, { from: item.price_to.minor > item.price_from.minor, was: item.compare_at });

/** A picture in a frame of its final size, or a quiet sign where there is none. `size` is 40, 48, 64 or 80. */
export const picture = (source, size = 64) =>
  h(
    "span",
    { class: `thumb${size === 64 ? "" : ` thumb-${size}`}` },
    source
      ? h("img", { src: source, alt: "", width: size, height: size, loading: "lazy", decoding: "async" })
      : h("span", { class: "no-picture" }, icon("tag")),
  );
