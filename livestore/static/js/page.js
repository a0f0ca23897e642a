// Every page: theme choice, menus that close, clocks that count down, moments in the viewer's own zone.
import { startClocks } from "./clock.js";
import { showMoments } from "./moments.js";
import { startThemes } from "./themes.js";

startThemes();
startClocks();
showMoments();

for (const root of ["htmx:afterSwap", "livestore:swapped"]) {
  document.addEventListener(root, () => {
    startClocks();
    showMoments();
  });
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Selects that stand for links or send their form at once, each with a button that works without JavaScript.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-send-on-change]");
  if (form) form.requestSubmit();
});

// A form that moves money or stock is sent once; coming back by the browser's button wakes it again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-once]") || event.defaultPrevented) return;
  const button = event.submitter ?? form.querySelector("button:not([type=button])");
  if (!button) return;
  setTimeout(() => {
    button.disabled = true;
    button.dataset.idle = button.textContent;
    if (button.dataset.busy) button.textContent = button.dataset.busy;
  });
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
