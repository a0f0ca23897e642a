/** The picture's settings: in step or instant, quality, captions, and the delay for who asks. */

import { h, say } from "../dom.js";
import { choices } from "./choices.js";

const NAMES = { source: "Best", "360p": "360p" };
let menus = 0;

/** `0.5 s`; a picture is never ahead of what it shows. */
export const delayWords = (milliseconds) => (milliseconds === null ? "not known yet" : `${(milliseconds / 1000).toFixed(1)} s`);

export function createMenu({ player, gate, captions }) {
  const id = `film-menu-${(menus += 1)}`;
  const delay = h("span", { class: "figures" });
  const note = h("p", { class: "film__note", hidden: true });
  const quality = h("fieldset", { class: "film__choice" }, h("legend", {}, "Quality"));
  const step = segmented("What is shown appears", `${id}-step`, [["picture", "With the picture"], ["instant", "Instant"]], (value) => {
    choices.instant = value === "instant";
    gate.look();
  });
  const words = captions ? h("label", { class: "film__switch" }, h("span", {}, "Captions"), h("input", { type: "checkbox", role: "switch", onchange: () => captions.toggle() })) : null;
  const element = h(
    "div",
    { class: "film__menu", id, role: "dialog", "aria-label": "Picture settings", hidden: true },
    step.root,
    h("p", { class: "film__note" }, "Prices you pay and what is left are always of this moment."),
    quality,
    words,
    h("p", { class: "film__delay" }, "Measured delay: ", delay),
    note,
  );
  let timer = null;
  let offered = "";

  function measure() {
    say(delay, delayWords(player.delay()));
  }

  function close() {
    if (element.hidden) return;
    element.hidden = true;
    clearInterval(timer);
    api.onToggle(false);
  }

  function open() {
    element.hidden = false;
    step.choose(choices.instant ? "instant" : "picture");
    if (words) words.querySelector("input").checked = captions.on;
    render();
    measure();
    clearInterval(timer);
    timer = setInterval(measure, 1_000);
    api.onToggle(true);
    element.querySelector("input:checked, input")?.focus({ preventScroll: true });
  }

  function render() {
    const { renditions, rendition, transport } = player.state;
    const key = `${renditions}:${rendition}`;
    if (key !== offered) {
      offered = key;
      const choice = segmented("Quality", `${id}-quality`, renditions.map((name) => [name, NAMES[name] ?? name]), (name) => {
        choices.quality = name;
        player.setRendition(name);
      });
      choice.choose(rendition);
      quality.replaceChildren(...choice.root.childNodes);
    }
    quality.hidden = renditions.length < 2;
    note.hidden = transport === "socket";
    say(note, transport === "socket" ? "" : "The quick way does not get through here, so the picture comes a little later. It is tried again by itself.");
  }

  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!element.hidden && !event.target.closest(".film")) close();
  });

  const api = {
    element,
    render,
    close,
    toggle: () => (element.hidden ? open() : close()),
    onToggle: () => {},
    get isOpen() {
      return !element.hidden;
    },
  };
  return api;
}

/** One of a few, side by side. */
function segmented(legend, name, options, onChoose) {
  const inputs = options.map(([value]) => h("input", { type: "radio", name, value, onchange: () => onChoose(value) }));
  const root = h("fieldset", { class: "film__choice" }, h("legend", {}, legend), h("div", { class: "film__segments" }, ...options.map(([, label], place) => h("label", {}, inputs[place], h("span", {}, label)))));
  return {
    root,
    choose(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}
