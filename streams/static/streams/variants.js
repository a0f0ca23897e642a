/** Choosing a variant: swatches or chips per option; many values become a grid with a search by name or number. */

import { h, say } from "./dom.js";
import { available } from "./items_state.js";

const MANY = 18;

const valueOf = (variant, name) => variant.options.find((option) => option.name === name)?.value;

/** `{name, values: [{value, swatch, number}]}` for every option in which the variants differ. */
function dimensions(variants) {
  const found = new Map();
  for (const variant of variants) {
    for (const { name, value, swatch } of variant.options) {
      if (!found.has(name)) found.set(name, new Map());
      const values = found.get(name);
      if (!values.has(value)) values.set(value, { value, swatch, number: /^\d+/.exec(value)?.[0] ?? String(values.size + 1) });
    }
  }
  const list = [...found].map(([name, values]) => ({ name, values: [...values.values()] })).filter(({ values }) => values.length > 1);
  if (list.length || variants.length < 2) return list;
  // Variants without options (an imported catalogue): their titles are the choice.
  return [{ name: "", values: variants.map((each, place) => ({ value: each.title, number: String(place + 1) })) }];
}

/**
 * @param onPick called with the chosen variant
 * @returns {{element, update(item, chosenId)}}
 */
export function createPicker(item, onPick) {
  let current = item;
  let chosen = null;
  const all = dimensions(item.variants);
  const element = h("div", { class: "picker" });
  const groups = all.map((dimension) => group(dimension));
  element.append(...groups.map((each) => each.node));

  const read = (variant, name) => (name === "" ? variant.title : valueOf(variant, name));

  /** The variant with this value that keeps the other choices, or at least one that can be had. */
  function best(name, value) {
    const with_value = current.variants.filter((each) => read(each, name) === value);
    const kept = (each) => all.filter((other) => other.name !== name && read(each, other.name) === read(chosen, other.name)).length;
    return with_value.sort((one, other) => kept(other) - kept(one) || Number(available(other) > 0) - Number(available(one) > 0))[0];
  }

  function group({ name, values }) {
    const many = values.length > MANY;
    const swatches = values.some((each) => each.swatch);
    const label = h("span", { class: "picker__chosen" });
    const buttons = new Map();
    const grid = h("div", { class: `picker__grid${swatches ? " picker__grid--swatches" : ""}${many ? " picker__grid--many" : ""}`, role: "radiogroup", "aria-label": name || "Variant" });
    for (const each of values) {
      const button = h(
        "button",
        { type: "button", role: "radio", class: swatches ? "swatch" : "chip", title: each.value, "aria-label": each.value, style: each.swatch ? { "--swatch": each.swatch } : {}, onclick: () => onPick(best(name, each.value)) },
        swatches ? h("span", { class: "swatch__number", "aria-hidden": "true" }, many ? each.number : "") : each.value,
      );
      buttons.set(each.value, button);
      grid.append(button);
    }
    grid.addEventListener("keydown", arrows);
    const none = h("p", { class: "empty", hidden: true }, "Nothing here has that name or number.");
    const search = many
      ? h("input", {
          type: "search",
          class: "input picker__search",
          placeholder: `Search ${values.length} by name or number`,
          "aria-label": `Search ${name || "variants"} by name or number`,
          oninput: filter,
          onsearch: filter,
        })
      : null;
    function filter() {
      const words = search.value.trim().toLowerCase();
      let hits = 0;
      for (const each of values) {
        const hit = !words || each.number.replace(/^0+/, "") === words.replace(/^[#0]+/, "") || each.value.toLowerCase().includes(words);
        buttons.get(each.value).hidden = !hit;
        hits += hit;
      }
      none.hidden = hits > 0;
    }
    const head = h("div", { class: "picker__head" }, h("span", { class: "picker__name" }, name || "Choose"), label);
    const node = h("section", { class: "picker__group" }, head, search, grid, none);
    return { node, name, buttons, label, grid };
  }

  /** Arrow keys move inside a group, as in any radio group. */
  function arrows(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const open = [...event.currentTarget.children].filter((each) => !each.hidden && !each.disabled);
    const place = open.indexOf(document.activeElement);
    const next = open[(place + step + open.length) % open.length];
    next?.focus();
    next?.click();
  }

  function update(fresh, id) {
    current = fresh;
    const before = chosen;
    chosen = current.variants.find((each) => each.id === id) ?? current.variants[0];
    for (const { name, buttons, label, grid } of groups) {
      const mine = read(chosen, name);
      say(label, mine);
      for (const [value, button] of buttons) {
        const variant = current.variants.find((each) => read(each, name) === value && all.every((other) => other.name === name || read(each, other.name) === read(chosen, other.name)));
        const gone = !variant || available(variant) === 0;
        button.classList.toggle("is-gone", gone);
        button.setAttribute("aria-label", gone ? `${value}, sold out` : value);
        button.setAttribute("aria-checked", String(value === mine));
        button.tabIndex = value === mine ? 0 : -1;
      }
      if (before === null) {
        // The chosen shade is in view when the sheet opens, without moving the page.
        requestAnimationFrame(() => {
          const button = buttons.get(mine);
          if (grid.scrollHeight > grid.clientHeight) grid.scrollTop = button.offsetTop - grid.offsetTop - 60;
        });
      }
    }
  }

  return { element, update };
}
