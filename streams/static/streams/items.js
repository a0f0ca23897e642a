/** The run of show as viewers see it: a shelf on a desktop, a sheet on a phone. Searched by name or number. */

import { $, h, icon, plural, say } from "./dom.js";
import { picture, price, pricesOf } from "./price.js";
import { createSheet } from "./sheet.js";
import { toast } from "./toast.js";

const STATES = { on_air: "On air", next: "Next", sold_out: "Sold out", shown: "Shown", waiting: "" };

/** A list inside `root` that keeps itself up to date. */
export function createItemList(room, root) {
  const { store } = room;
  const search = h("input", { type: "search", class: "input", placeholder: "Search by name or number", "aria-label": "Search the items of this show" });
  const list = h("ol", { class: "items" });
  const empty = h("p", { class: "empty" });
  const rows = new Map();
  root.append(h("div", { class: "items__search" }, icon("search"), search), list, empty);
  // Emptying a search field with Esc or its cross says "search", and not always "input".
  for (const type of ["input", "search", "change"]) search.addEventListener(type, filter);

  function row(item) {
    const parts = {
      price: h("span", { class: "item__price" }),
      state: h("span", { class: "item__state" }),
      ask: h("button", { type: "button", class: "item__ask", "aria-label": `Ask for number ${item.number}, ${item.title}`, onclick: () => request(item.number) }, "Ask"),
    };
    const node = h(
      "li",
      { class: "item", dataset: { number: item.number } },
      h(
        "button",
        { type: "button", class: "item__open", onclick: () => room.openItem(item.number) },
        h("span", { class: "item__thumb" }, picture(item.picture, 48), h("span", { class: "number" }, item.number)),
        h("span", { class: "item__words" }, h("span", { class: "item__title" }, item.title), h("span", { class: "item__facts" }, parts.price, parts.state)),
      ),
      parts.ask,
    );
    return { node, parts, key: `${item.title}|${item.picture}` };
  }

  async function request(number) {
    if (!room.known(`ask:${number}`)) return;
    const reply = await room.send("item.request", { number });
    toast(reply.ok ? `The host sees that you would like number ${number}.` : reply.error.message, { tone: reply.ok ? "plain" : "bad" });
  }

  function filter() {
    const words = search.value.trim().toLowerCase();
    let hits = 0;
    for (const item of store.state.items) {
      const row = rows.get(item.number);
      if (!row) continue;
      const hit = !words || String(item.number) === words.replace(/^#|^№\s*/, "") || item.title.toLowerCase().includes(words);
      row.node.hidden = !hit;
      hits += hit;
    }
    empty.hidden = hits > 0;
    say(empty, store.state.items.length ? "Nothing in this show has that name or number." : "The items of this show appear here as soon as the host has chosen them.");
  }

  function render(changed) {
    if (!["items", "requests", "show", "deals"].some((part) => changed.has(part))) return;
    const { items, requests, show, deals } = store.state;
    const open = ["live", "paused"].includes(show?.state);
    const wanted = new Set(items.map((each) => each.number));
    for (const [number, old] of rows) {
      if (!wanted.has(number)) {
        old.node.remove();
        rows.delete(number);
      }
    }
    items.forEach((item, place) => {
      let entry = rows.get(item.number);
      if (!entry || entry.key !== `${item.title}|${item.picture}`) {
        const fresh = row(item);
        if (entry) entry.node.replaceWith(fresh.node);
        rows.set(item.number, fresh);
        entry = fresh;
      }
      const { node, parts } = entry;
      if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null);
      const deal = deals.filter((each) => each.number === item.number).sort((one, other) => one.price.minor - other.price.minor)[0];
      const shown = deal ? price(deal.price, { was: deal.was }) : pricesOf(item);
      if (parts.price.textContent !== shown.textContent) parts.price.replaceChildren(shown);
      const asked = requests[item.number] ?? 0;
      say(parts.state, (deal && "Deal") || (open || item.state === "sold_out" ? STATES[item.state] : "") || (asked ? `${plural(asked, "person asks", "people ask")}` : ""));
      node.className = `item item--${item.state}`;
      parts.ask.hidden = !open || item.state === "on_air" || item.state === "sold_out";
      markCurrent(node, item.state === "on_air");
    });
    filter();
  }

  const markCurrent = (node, yes) => (yes ? node.setAttribute("aria-current", "true") : node.removeAttribute("aria-current"));

  return { render, focus: () => search.focus() };
}

/** On a phone the same list is a sheet. */
export function createItems(room) {
  const shelf = $("#shelf");
  const inShelf = createItemList(room, $(".shelf__list", shelf));
  const sheet = createSheet({ label: "In this show", className: "sheet--tall" });
  const inSheet = createItemList(room, sheet.body);
  const wide = matchMedia("(min-width: 1080px)");

  return {
    open() {
      if (wide.matches) inShelf.focus();
      else sheet.open();
    },
    close: sheet.close,
    render(changed) {
      inShelf.render(changed);
      inSheet.render(changed);
      say($("#items-count"), String(room.store.state.items.length || ""));
    },
  };
}
