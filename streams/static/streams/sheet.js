/** Sheets: a native dialog over the running picture. From below on a phone, in the middle on a desktop. */

import { h, icon } from "./dom.js";

/**
 * @param label     what a screen reader calls it
 * @param className one of the looks of sheet.css
 * The dialog gives focus to what has [autofocus], keeps it inside, closes on Esc and on a tap beside it, and
 * hands it back to where it was.
 */
export function createSheet({ label, className = "", onClose = () => {} }) {
  const title = h("h2", { class: "sheet__title", tabindex: "-1" }, label);
  const body = h("div", { class: "sheet__body" });
  const foot = h("div", { class: "sheet__foot" });
  const close = () => dialog.open && dialog.close();
  const dialog = h(
    "dialog",
    { class: `sheet ${className}`.trim(), "aria-label": label },
    h(
      "div",
      { class: "sheet__inner" },
      h(
        "header",
        { class: "sheet__head" },
        title,
        h("button", { type: "button", class: "round sheet__close", "aria-label": "Close", onclick: close }, icon("close")),
      ),
      body,
      foot,
    ),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) close();
  });
  dialog.addEventListener("close", () => {
    document.documentElement.classList.toggle("has-sheet", Boolean(document.querySelector("dialog[open]")));
    onClose();
  });
  swipeDown(dialog, close);
  document.body.append(dialog);

  return {
    dialog,
    body,
    foot,
    close,
    get isOpen() {
      return dialog.open;
    },
    /** For a view without a main button: a screen reader hears what this is, and no ring is drawn. */
    focusTitle: () => title.focus({ preventScroll: true }),
    setLabel(text) {
      title.textContent = text;
      dialog.setAttribute("aria-label", text);
    },
    open() {
      if (dialog.open) return;
      dialog.showModal();
      document.documentElement.classList.add("has-sheet");
    },
  };
}

/** On a touch screen the head of a sheet can be pulled down to close it. */
function swipeDown(dialog, close) {
  const head = dialog.querySelector(".sheet__head");
  let from = null;
  head.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" && !event.target.closest("button")) from = event.clientY;
  });
  head.addEventListener("pointerup", (event) => {
    if (from !== null && event.clientY - from > 60) close();
    from = null;
  });
}

/** Asks once. Resolves to true when the person goes on. */
export function ask({ title, text, yes, no = "Keep going", danger = false }) {
  return new Promise((resolve) => {
    let answer = false;
    const sheet = createSheet({
      label: title,
      className: "sheet--ask",
      onClose: () => {
        sheet.dialog.remove();
        resolve(answer);
      },
    });
    sheet.body.append(h("p", {}, text));
    const go = () => {
      answer = true;
      sheet.close();
    };
    sheet.foot.append(
      h("button", { type: "button", class: "button", autofocus: true, onclick: sheet.close }, no),
      h("button", { type: "button", class: `button ${danger ? "button-danger" : "button-primary"}`, onclick: go }, yes),
    );
    sheet.open();
  });
}
