/** The strip of numbers: state and clock, people, orders, sales, pace, stock; and the trend with its marks. */

import { get } from "./api.js";
import { clockface, every, now } from "./clock.js";
import { $, h, roll, say } from "./dom.js";
import { inWords } from "./money.js";
import { createSheet } from "./sheet.js";
import { drawTrend } from "./trend.js";

const EVERY = 5_000;
const WORDS = { live: "LIVE", paused: "Break", scheduled: "Coming up", ended: "Ended", draft: "Draft" };

export function createNumbers(room) {
  const { store, config } = room;
  let latest = null;
  let pinnedAt = null; // when what is on air was pinned, as we saw it

  every(() => {
    const { show } = store.state;
    const running = room.isOpen() && show.started_at;
    say($("#elapsed"), running ? clockface(Math.floor((now() - show.started_at) / 1000) * 1000) : "");
  });

  async function ask() {
    if (document.hidden) return;
    const reply = await get(`/shows/${config.slug}/numbers`);
    if (!reply.ok) return;
    latest = reply.data;
    roll($("#n-orders"), latest.orders);
    say($("#n-orders-sim"), String(latest.simulated.orders));
    say($("#n-gmv"), inWords(latest.gmv));
    say($("#n-gmv-sim"), latest.simulated.gmv.minor ? `${inWords(latest.simulated.gmv)} sim` : "");
    // The running minute has just begun; the one before it says how fast it goes.
    roll($("#n-rate"), latest.orders_per_minute.at(-2) ?? 0);
    drawTrend($("#trend"), latest);
    alarms();
    room.redraw("numbers");
  }
  let waiting = null;
  /** An order changes the numbers at once, but a rush asks once a second at most. */
  function soon() {
    waiting ??= setTimeout(() => {
      waiting = null;
      ask();
    }, 1_000);
  }
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
  queueMicrotask(ask);

  const sheet = createSheet({ label: "Low stock" });
  const button = $("#n-alarms");
  button.addEventListener("click", () => {
    sheet.body.replaceChildren(h("ul", { class: "alarms" }, ...latest.stock_alarms.map((each) => h("li", {}, h("span", { class: "number" }, each.number), h("span", { class: "grow" }, each.title), h("b", { class: "figures" }, each.left ? `${each.left} left` : "Sold out")))));
    sheet.open();
  });
  function alarms() {
    const count = latest.stock_alarms.length;
    roll(button, count);
    button.disabled = count === 0;
    button.classList.toggle("is-few", count > 0);
  }

  /** How long each number was on air, in milliseconds, as far back as the trend goes. */
  function onAir() {
    const result = new Map();
    const pins = (latest?.markers ?? []).filter((each) => each.kind === "pin");
    pins.forEach(({ at, number }, place) => {
      const running = place === pins.length - 1 && store.state.pinned?.number === number;
      const until = pins[place + 1]?.at ?? (running ? now() : at);
      result.set(number, (result.get(number) ?? 0) + Math.max(0, until - at));
    });
    const current = store.state.pinned?.number;
    if (pinnedAt && current && pins.at(-1)?.number !== current) result.set(current, (result.get(current) ?? 0) + now() - pinnedAt.at);
    return result;
  }

  return {
    onAir,
    get latest() {
      return latest;
    },
    render(changed) {
      if (changed.has("show")) {
        const { show } = store.state;
        const badge = $("#state-badge");
        say(badge, WORDS[show.state]);
        badge.className = `badge ${show.state === "live" ? "badge-live" : ""}`;
        say($("#show-title"), show.title);
      }
      if (changed.has("counts")) {
        roll($("#n-people"), store.state.counts.people);
        say($("#n-simulated"), store.state.counts.simulated.toLocaleString("en"));
      }
      if (changed.has("pinned") && store.state.pinned?.number !== pinnedAt?.number) {
        pinnedAt = store.state.pinned ? { number: store.state.pinned.number, at: now() } : null;
        $("#nothing").hidden = Boolean(pinnedAt);
      }
      if (changed.has("purchases")) soon();
    },
  };
}
