/** The time of a running deal: a thin bar that empties and a clock, both on the server's time. */

import { clockface, every } from "./clock.js";
import { h, say } from "./dom.js";

const LAST = 10_000;

/** @returns {{element, stop}} for a deal with `starts_at` and `ends_at` in server milliseconds */
export function createCountdown(deal) {
  const fill = h("span", { class: "dealclock__fill" });
  const clock = h("span", { class: "dealclock__clock" });
  const element = h(
    "div",
    { class: "dealclock", role: "timer", "aria-label": "Time left in this deal" },
    h("span", { class: "dealclock__track", "aria-hidden": "true" }, fill),
    clock,
  );
  if (!deal.ends_at) {
    element.hidden = true;
    return { element, stop() {} };
  }
  const stop = every((now) => {
    const left = Math.max(0, deal.ends_at - now);
    fill.style.transform = `scaleX(${Math.min(1, left / Math.max(1, deal.ends_at - deal.starts_at))})`;
    say(clock, clockface(left));
    element.classList.toggle("dealclock--last", left < LAST);
  });
  return { element, stop };
}
