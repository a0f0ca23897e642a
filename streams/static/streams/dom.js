/** Building page parts. Text always goes in as text, so nothing that people write can become markup. */

/**
 * h("button", {class: "buy", onclick: f, "aria-label": "Buy"}, "Buy", h("b", {}, 3))
 * `false`, `null` and `undefined` values and children are left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function set(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "style" || name === "dataset") {
    for (const [key, each] of Object.entries(value)) {
      if (name === "dataset") element.dataset[key] = each;
      else element.style.setProperty(key, each);
    }
  } else if (name === "value") element.value = value;
  else element.setAttribute(name, value === true ? "" : value);
}

const SVG = "http://www.w3.org/2000/svg";

/** An icon of the sprite. Decorative: the words stand beside it or in the button's label. */
export function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Changes a text only when it differs: no needless layout, no needless announcement. */
export function say(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/** A number that rolls to its new value instead of flashing. Values are whole numbers. */
export function roll(element, value) {
  const text = String(value);
  if (element.dataset.value === text) return;
  const before = Number(element.dataset.value);
  element.dataset.value = text;
  element.textContent = value.toLocaleString("en");
  if (Number.isNaN(before)) return;
  element.classList.remove("roll-up", "roll-down");
  void element.offsetWidth; // restarts the animation
  element.classList.add(value > before ? "roll-up" : "roll-down");
}

/** Runs once per frame, however often it is asked for. */
export function perFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}

export const initials = (name) => name.trim().slice(0, 1).toUpperCase();

/** The same hue for the same person, every time. */
export const hueOf = (id) => (Number(id) * 47) % 360;

export const plural = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
