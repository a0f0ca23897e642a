/** Planning a run of show: find products, put them in order, give them numbers, prices and notes. Saved by itself. */

import { get, put } from "./api.js";
import { $, h, icon, plural, say } from "./dom.js";
import { createFinder } from "./plan_finder.js";
import { inWords, parsePrice, typed } from "./money.js";
import { picture } from "./price.js";

const facts = JSON.parse($("#plan-facts").textContent);
const fixed = facts.state === "ended";
const list = $("#planlist");
const status = $("#plan-status");
const SAVE_AFTER = 500;

/** One line: the product, and what the host wants with it. Texts are kept as typed, wrong ones too. */
let lines = facts.items.map((item) => ({
  ...item,
  key: crypto.getRandomValues(new Uint32Array(1))[0],
  numberText: String(item.number),
  priceText: item.show_price === null ? "" : typed({ minor: item.show_price, currency: facts.currency }),
  minutesText: String(Math.max(1, Math.round(item.planned_seconds / 60))),
}));
const nodes = new Map();
let timer = null;
let saving = false;
let again = false;

function changed() {
  draw();
  clearTimeout(timer);
  say(status, "Saving …");
  timer = setTimeout(save, SAVE_AFTER);
}

/** The lines as the API wants them, or null while something typed can not be used. */
function body() {
  const numbers = new Set();
  let good = true;
  const result = lines.map((line) => {
    const errors = {};
    const number = /^\d{1,4}$/.test(line.numberText.trim()) ? Number(line.numberText) : 0;
    if (!number) errors.number = "A number from 1 to 9999.";
    else if (numbers.has(number)) errors.number = `Number ${number} is there twice.`;
    numbers.add(number);
    const price = line.priceText.trim() ? parsePrice(line.priceText, facts.currency) : null;
    if (line.priceText.trim() && price === null) errors.price = "A price like 12.99.";
    line.errors = errors;
    if (Object.keys(errors).length) good = false;
    return {
      number,
      ...(line.variant ? { variant: line.variant } : { product: line.product }),
      show_price: price,
      talking_points: line.talking_points,
      planned_seconds: Math.min(240, Math.max(1, Number(line.minutesText) || 3)) * 60,
    };
  });
  return good ? result : null;
}

async function save() {
  if (saving) {
    again = true;
    return;
  }
  const items = body();
  draw();
  if (!items) {
    say(status, "Not saved yet: please look at the marked lines.");
    return;
  }
  saving = true;
  const saved = [...lines];
  const reply = await put(`/shows/${facts.slug}/items`, items);
  saving = false;
  if (reply.ok) {
    for (const line of saved) {
      const fresh = reply.data.items.find((item) => item.number === Number(line.numberText));
      if (fresh) Object.assign(line, { title: fresh.title, picture: fresh.picture, left: fresh.left, price_from: fresh.price_from });
    }
    say(status, "Saved");
  } else {
    for (const [place, sentence] of Object.entries(reply.error.fields ?? {})) {
      const [index, field = "line"] = place.split(".");
      if (saved[index]) saved[index].errors = { ...saved[index].errors, [field === "show_price" ? "price" : field]: sentence };
    }
    say(status, reply.error.fields ? "Not saved yet: please look at the marked lines." : reply.error.message);
  }
  draw();
  if (again) {
    again = false;
    save();
  }
}

function move(line, to) {
  const from = lines.indexOf(line);
  if (to < 0 || to >= lines.length || to === from) return;
  lines = lines.filter((each) => each !== line);
  lines.splice(to, 0, line);
  changed();
}

function row(line) {
  const field = (name, label, extra = {}) =>
    h("label", { class: `planrow__field planrow__field--${name}` }, h("span", {}, label), h("input", { class: "input", value: line[`${name}Text`], disabled: fixed, autocomplete: "off", oninput: (event) => ((line[`${name}Text`] = event.target.value), changed()), ...extra }));
  const up = h("button", { type: "button", class: "round", "aria-label": `Move ${line.title} up`, onclick: () => moveAndFocus(-1) }, icon("arrow-up"));
  const down = h("button", { type: "button", class: "round", "aria-label": `Move ${line.title} down`, onclick: () => moveAndFocus(1) }, icon("arrow-down"));
  const moveAndFocus = (by) => {
    move(line, lines.indexOf(line) + by);
    (by < 0 ? up : down).focus();
  };
  const facts_line = h("span", { class: "small muted" });
  const errors = h("p", { class: "form__error", role: "alert" });
  const variants = h("select", { class: "input", disabled: fixed, onchange: (event) => ((line.variant = event.target.value ? Number(event.target.value) : null), changed()) }, h("option", { value: "" }, "All variants"));
  const notes = h("textarea", { class: "input", rows: 2, maxlength: 2000, disabled: fixed, oninput: (event) => ((line.talking_points = event.target.value), changed()) });
  notes.value = line.talking_points;
  const more = h(
    "details",
    { class: "planrow__more", ontoggle: (event) => event.target.open && fillVariants(line, variants) },
    h("summary", { class: "small" }, icon("chevron-down"), "Notes and variants"),
    h("div", { class: "planrow__extra" }, h("label", { class: "form__row" }, h("span", { class: "form__label" }, "To say on air"), notes), h("label", { class: "form__row" }, h("span", { class: "form__label" }, "What is sold"), variants)),
  );
  const node = h(
    "li",
    { class: "planrow card", draggable: false, dataset: { key: line.key } },
    h("span", { class: "planrow__grip", "aria-hidden": "true", title: "Drag to move" }, icon("grip")),
    picture(line.picture, 64),
    h("div", { class: "planrow__words" }, h("span", { class: "strong two-lines" }, line.title), facts_line),
    h("div", { class: "planrow__fields" }, field("number", "Number", { inputmode: "numeric" }), field("price", "Show price", { inputmode: "decimal", placeholder: line.price_from ? typed(line.price_from) : "" }), field("minutes", "Minutes", { inputmode: "numeric" })),
    fixed ? null : h("div", { class: "planrow__acts" }, up, down, h("button", { type: "button", class: "round", "aria-label": `Take ${line.title} out`, onclick: () => ((lines = lines.filter((each) => each !== line)), changed()) }, icon("trash"))),
    errors,
    more,
  );
  if (!fixed) dragging(node, line);
  return { node, errors, facts_line, up, down };
}

/** Only the grip starts a drag, so that text in the fields can still be marked. */
function dragging(node, line) {
  node.querySelector(".planrow__grip").addEventListener("pointerdown", () => (node.draggable = true));
  node.addEventListener("dragstart", (event) => {
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", String(line.key));
    node.classList.add("is-dragged");
  });
  node.addEventListener("dragend", () => {
    node.draggable = false;
    node.classList.remove("is-dragged");
  });
  node.addEventListener("dragover", (event) => event.preventDefault());
  node.addEventListener("drop", (event) => {
    event.preventDefault();
    const dropped = lines.find((each) => String(each.key) === event.dataTransfer.getData("text/plain"));
    if (dropped) move(dropped, lines.indexOf(line));
  });
}

async function fillVariants(line, select) {
  if (select.options.length > 1 || !line.handle) return;
  const reply = await get(`/products/${encodeURIComponent(line.handle)}`);
  if (!reply.ok) return;
  select.append(...reply.data.variants.map((each) => h("option", { value: each.id }, `${each.title}, ${each.left} left, ${inWords(each.price)}`)));
  select.value = line.variant ?? "";
}

function draw() {
  $("#plan-empty").hidden = lines.length > 0;
  for (const [key, entry] of nodes) {
    if (!lines.some((line) => line.key === key)) {
      entry.node.remove();
      nodes.delete(key);
    }
  }
  lines.forEach((line, place) => {
    if (!nodes.has(line.key)) nodes.set(line.key, row(line));
    const entry = nodes.get(line.key);
    if (list.children[place] !== entry.node) list.insertBefore(entry.node, list.children[place] ?? null);
    const sentences = Object.values(line.errors ?? {});
    say(entry.errors, sentences.join(" "));
    entry.node.classList.toggle("is-wrong", sentences.length > 0);
    say(entry.facts_line, `${plural(line.left ?? 0, "unit", "units")} left${line.price_from ? `, ${inWords(line.price_from)}` : ""}`);
    entry.up.disabled = place === 0;
    entry.down.disabled = place === lines.length - 1;
  });
}

function add(product) {
  const number = 1 + lines.reduce((most, line) => Math.max(most, Number(line.numberText) || 0), 0);
  lines = [
    ...lines,
    {
      key: crypto.getRandomValues(new Uint32Array(1))[0],
      product: product.id,
      handle: product.handle,
      variant: null,
      title: product.title,
      picture: product.picture,
      left: product.left,
      price_from: product.price_from,
      talking_points: "",
      numberText: String(number),
      priceText: "",
      minutesText: "3",
    },
  ];
  changed();
}

if (!fixed) createFinder({ input: $("#find"), list: $("#found"), onPick: add, has: (product) => lines.some((line) => line.product === product.id) });
draw();
say(status, fixed ? "This show is over and stays as it was." : "");
addEventListener("beforeunload", (event) => {
  if (saving || status.textContent.startsWith("Saving")) event.preventDefault();
});
