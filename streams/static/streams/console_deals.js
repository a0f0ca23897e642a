/** Flash deals: a bar with the last values and their effect in words, and what runs now. */

import { createCountdown } from "./countdown.js";
import { $, h, say } from "./dom.js";
import { inWords, parsePrice, typed } from "./money.js";

export function createDeals(room) {
  const { store, config } = room;
  const bar = $("#dealbar");
  const list = $("#deals");
  const effect = $("#deal-effect");
  const rows = new Map();
  const memory = `livestore.deal.${config.slug}`;
  let item = null; // number the bar is set up for

  const field = (name) => bar.elements[name];
  const variant = () => store.state.pinned?.variants.find((each) => String(each.id) === field("variant").value) ?? store.state.pinned?.variants[0];
  const usual = (each) => store.state.deals.find((deal) => deal.variant === each.id)?.was ?? each.price;

  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(memory)) ?? {};
    } catch {
      return {};
    }
  }

  /** What is typed, as the command wants it; `problem` is a sentence when something can not be used. */
  function read() {
    const chosen = variant();
    if (!chosen) return { problem: room.isOpen() ? "Pin an item first: a deal is for what is on air." : "" };
    const before = usual(chosen);
    const price = parsePrice(field("price").value, before.currency);
    const whole = (name) => (/^\s*\d{1,7}\s*$/.test(field(name).value) ? Number(field(name).value) : 0);
    const [units, seconds] = [whole("units"), whole("seconds")];
    const limit = field("per_buyer").value.trim() ? whole("per_buyer") : null;
    if (price === null) return { problem: "A price like 12.99." };
    if (price >= before.minor) return { problem: `It costs ${inWords(before)} now, a deal costs less.` };
    if (!units) return { problem: "How many units?" };
    if (units > chosen.left) return { problem: chosen.left ? `Only ${chosen.left} ${chosen.left === 1 ? "is" : "are"} free to reserve.` : "None is free to reserve." };
    if (seconds < 5 || seconds > 86_400) return { problem: "From 5 seconds to one day." };
    if (limit === 0 || limit > 99) return { problem: "Per person: 1 to 99, or empty." };
    const saves = { minor: before.minor - price, currency: before.currency };
    const each = limit ? `, ${limit} for each person` : "";
    return {
      data: { variant: chosen.id, price, units, seconds, per_buyer: limit },
      words: `Saves ${inWords(saves)} (${Math.round((saves.minor / before.minor) * 100)} %), ${units} reserved of ${chosen.left}${each}.`,
    };
  }

  function tell() {
    const { data, words, problem } = read();
    const running = variant() && store.state.deals.some((deal) => deal.variant === variant().id);
    say(effect, running ? "A deal is running on this one. Stop it to start another." : (words ?? problem));
    effect.classList.toggle("is-wrong", Boolean(problem) && !running);
    $("#deal-start").disabled = !data || running || !room.isOpen();
  }

  function setUp() {
    const { pinned } = store.state;
    if (!pinned || item === pinned.number) return;
    item = pinned.number;
    const select = field("variant");
    select.replaceChildren(...pinned.variants.map((each) => h("option", { value: each.id }, `${each.title || pinned.title} (${each.left})`)));
    const last = remembered();
    const units = last.units ?? 10;
    // The first variant that has enough for a deal of the usual size, else the one that has most.
    const wanted = pinned.variants.find((each) => each.left >= units) ?? [...pinned.variants].sort((one, other) => other.left - one.left)[0];
    if (wanted) select.value = wanted.id;
    bar.querySelector(".dealbar__variant").hidden = pinned.variants.length < 2;
    if (wanted) {
      const share = last.share ?? 0.8;
      const suggested = Math.max(1, Math.floor(usual(wanted).minor * share));
      field("price").value = typed({ minor: suggested, currency: usual(wanted).currency });
    }
    field("units").value = Math.max(1, Math.min(units, wanted?.left ?? units));
    field("seconds").value = last.seconds ?? 60;
    field("per_buyer").value = last.per_buyer ?? "";
  }

  if (bar) {
    bar.addEventListener("input", tell);
    bar.addEventListener("submit", async (event) => {
      event.preventDefault();
      const { data } = read();
      if (!data) return;
      const share = data.price / usual(variant()).minor;
      $("#deal-start").disabled = true;
      if (await room.command("deal.start", data)) {
        try {
          localStorage.setItem(memory, JSON.stringify({ ...data, share }));
        } catch {
          // without storage the next deal begins with the usual values
        }
        document.activeElement?.blur();
      }
      tell();
    });
  }

  function runs() {
    const wanted = new Set(store.state.deals.map((deal) => deal.id));
    for (const [id, entry] of rows) {
      if (wanted.has(id)) continue;
      entry.countdown.stop();
      entry.node.remove();
      rows.delete(id);
    }
    for (const deal of store.state.deals) {
      if (!rows.has(deal.id)) {
        const countdown = createCountdown(deal);
        const left = h("span", { class: "figures" });
        const stop = room.isHost ? h("button", { type: "button", class: "button button-small", onclick: () => room.command("deal.stop", { deal: deal.id }) }, "Stop") : null;
        const node = h("li", { class: "dealrow" }, h("span", { class: "dealrow__words" }, h("b", { class: "one-line" }, `${deal.number ? `${deal.number} · ` : ""}${deal.title}`), h("span", { class: "small muted" }, `${inWords(deal.price)} instead of ${inWords(deal.was)} · `, left)), countdown.element, stop);
        rows.set(deal.id, { node, left, countdown });
        list.append(node);
      }
      say(rows.get(deal.id).left, `${deal.left} of ${deal.units} left`);
    }
  }

  return {
    focus() {
      field("price")?.focus();
      field("price")?.select();
    },
    render(changed) {
      if (!["pinned", "deals", "stock", "show"].some((part) => changed.has(part))) return;
      runs();
      if (!bar) return;
      if (!store.state.pinned) item = null;
      setUp();
      tell();
    },
  };
}
