/** The keyboard: one key for each thing that people do often. */

import { h } from "./dom.js";
import { createSheet } from "./sheet.js";

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

/**
 * @param keys [{key, label, run, hidden?}] `key` as in KeyboardEvent.key, in lower case; "?" is added; hidden ones are
 *   not in the help
 * Keys do nothing while somebody types, or while a sheet is open (Esc closes it by itself).
 */
export function createKeys(keys) {
  const name = (key) => ({ " ": "Space" })[key] ?? key.toUpperCase();
  const help = createSheet({ label: "Keyboard", className: "sheet--ask" });
  help.body.append(
    h("dl", { class: "keys" }, ...[...keys.filter((each) => !each.hidden), { key: "Esc", label: "Close, or leave the field" }, { key: "?", label: "This help" }].map(({ key, label }) => h("div", {}, h("dt", {}, h("kbd", {}, name(key))), h("dd", {}, label)))),
  );
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") help.open();
    const found = keys.find((each) => each.key === event.key.toLowerCase());
    // Space and Enter on a focused button belong to the button.
    if (!found || (found.key === " " && event.target.closest("button, a, summary"))) return;
    event.preventDefault();
    found.run();
  });
  return { help: help.open };
}
