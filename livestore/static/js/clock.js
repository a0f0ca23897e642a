// Countdowns. <span data-until="MS" data-now="MS" data-length="MS"> counts to a server moment: `now` is the
// server's clock when the page was made, so a wrong clock on the phone does no harm.
// Inside it, [data-clock] gets "4:59", [data-bar] gets --left (1 to 0). At zero `livestore:due` bubbles.
const running = new Map();
let timer = null;

export function clockText(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const pad = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

function tick() {
  for (const [element, state] of running) {
    if (!element.isConnected) {
      running.delete(element);
      continue;
    }
    const left = state.due - performance.now();
    const text = clockText(left);
    const clock = element.querySelector("[data-clock]");
    if (clock && clock.textContent !== text) clock.textContent = text;
    const bar = element.querySelector("[data-bar]");
    if (bar && state.length) {
      bar.style.setProperty("--left", String(Math.min(1, Math.max(0, left / state.length))));
    }
    element.classList.toggle("is-short", left < 60_000);
    if (left <= 0) {
      running.delete(element);
      element.dispatchEvent(new CustomEvent("livestore:due", { bubbles: true }));
    }
  }
  if (!running.size) {
    clearInterval(timer);
    timer = null;
  }
}

export function startClocks(root = document) {
  for (const element of root.querySelectorAll("[data-until]")) {
    if (running.has(element)) continue;
    const left = Number(element.dataset.until) - Number(element.dataset.now);
    running.set(element, { due: performance.now() + left, length: Number(element.dataset.length) });
  }
  if (running.size && !timer) {
    timer = setInterval(tick, 250);
    tick();
  }
}
