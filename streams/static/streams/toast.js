/** One calm line at a time, read out politely, gone by itself. */

import { $, h } from "./dom.js";

const place = $("#toasts");
let timer = null;

/** @param tone "plain" | "good" | "bad"; `action` is {label, href} or {label, run} */
export function toast(text, { tone = "plain", action = null, seconds = 5 } = {}) {
  clearTimeout(timer);
  const act =
    action &&
    (action.href
      ? h("a", { href: action.href, class: "link" }, action.label)
      : h("button", { type: "button", class: "link", onclick: action.run }, action.label));
  place.replaceChildren(h("div", { class: `toast toast-${tone}` }, h("span", {}, text), act));
  // A modal dialog makes everything outside it inert and covers it, so the line moves into the open one.
  (document.querySelector("dialog[open]") ?? document.body).append(place);
  timer = setTimeout(() => place.replaceChildren(), seconds * 1000);
}
