/** Finding products while typing: a list under the field, used by mouse or by arrow keys and Enter. */

import { get } from "./api.js";
import { h } from "./dom.js";
import { inWords } from "./money.js";
import { picture } from "./price.js";

const WAIT = 180;

/** @param has whether a product is in the run of show already (it may be added again as another item) */
export function createFinder({ input, list, onPick, has }) {
  let timer = null;
  let asked = 0;
  let found = [];
  let active = -1;
  let waiting = false;
  let eager = false; // Enter came before the answer: the first one found is meant

  const open = (yes) => {
    list.hidden = !yes;
    input.setAttribute("aria-expanded", String(yes));
    if (!yes) input.removeAttribute("aria-activedescendant");
  };

  /** Also forgets an answer that is still under way. */
  function close() {
    clearTimeout(timer);
    asked += 1;
    waiting = eager = false;
    open(false);
  }

  async function search() {
    const mine = (asked += 1);
    const reply = await get(`/products?limit=12&q=${encodeURIComponent(input.value.trim())}`);
    if (mine !== asked || document.activeElement !== input) return;
    waiting = false;
    found = reply.ok ? reply.data.items : [];
    active = found.length ? 0 : -1;
    list.replaceChildren(
      ...found.map((product, place) =>
        h(
          "li",
          { role: "option", id: `found-${place}`, class: "finder__item", onpointerdown: (event) => (event.preventDefault(), pick(place)) },
          picture(product.picture, 48),
          h("span", { class: "grow" }, h("span", { class: "strong one-line" }, product.title), h("span", { class: "small muted one-line" }, [product.vendor, product.category?.name, `${product.left} left`].filter(Boolean).join(" · "))),
          product.price_from ? h("span", { class: "figures small" }, inWords(product.price_from)) : null,
          h("span", { class: "badge" }, has(product) ? "In" : "Add"),
        ),
      ),
    );
    if (!found.length) list.replaceChildren(h("li", { class: "finder__none small muted" }, reply.ok ? "Nothing on sale has these words." : reply.error.message));
    mark();
    open(true);
    if (eager) pick(0);
    eager = false;
  }

  function mark() {
    [...list.children].forEach((node, place) => {
      node.setAttribute("aria-selected", String(place === active));
      if (place === active) {
        node.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", node.id);
      }
    });
  }

  function pick(place) {
    const product = found[place];
    if (!product) return;
    onPick(product);
    close();
    input.select();
  }

  const later = () => {
    clearTimeout(timer);
    waiting = true;
    timer = setTimeout(search, WAIT);
  };
  input.addEventListener("input", later);
  input.addEventListener("focus", later);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault(); // a search field would empty itself, which is a new search
      close();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (waiting) eager = true;
      else if (!list.hidden) pick(active);
    }
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      active = (active + step + found.length) % found.length;
      mark();
    }
  });
}
