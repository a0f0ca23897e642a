/** The run of show: state, planned and real minutes, and a button to put each item on air. */

import { every, now } from "./clock.js";
import { $, h, say } from "./dom.js";
import { picture } from "./price.js";

const WORDS = { on_air: "On air", next: "Next", shown: "Shown", sold_out: "Sold out", waiting: "" };

export function createCues(room) {
  const { store } = room;
  const list = $("#cues");
  const rows = new Map();

  function row(item) {
    const parts = { state: h("span", { class: "cue__state" }), time: h("span", { class: "cue__time figures" }), left: h("span", { class: "cue__left figures" }) };
    const button = room.isHost ? h("button", { type: "button", class: "button button-small cue__pin", "aria-label": `Pin number ${item.number}, ${item.title}`, onclick: () => room.pin(item.number) }, "Pin") : null;
    const node = h(
      "li",
      { class: "cue", dataset: { number: item.number } },
      h("span", { class: "number" }, item.number),
      picture(item.picture, 48),
      h("div", { class: "cue__words" }, h("span", { class: "cue__title one-line", title: item.title }, item.title), h("span", { class: "cue__facts" }, parts.state, parts.time, parts.left)),
      button,
    );
    return { node, parts, button, key: `${item.title}|${item.picture}` };
  }

  const minutes = (milliseconds) => {
    const whole = Math.floor(milliseconds / 1000);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  };

  function times() {
    const real = room.numbers.onAir();
    for (const item of store.state.items) {
      const entry = rows.get(item.number);
      if (!entry) continue;
      const planned = room.plan.get(item.number)?.planned_seconds;
      const text = `${real.has(item.number) ? `${minutes(real.get(item.number))} of ` : ""}${planned ? `${Math.round(planned / 60)} min` : ""}`;
      say(entry.parts.time, text);
      entry.parts.time.classList.toggle("is-few", item.number === store.state.pinned?.number && Boolean(planned) && (real.get(item.number) ?? 0) > planned * 1000);
    }
  }
  every(() => now() && times());

  return {
    render(changed) {
      if (!changed.has("items") && !changed.has("show")) return;
      const { items } = store.state;
      const wanted = new Set(items.map((each) => each.number));
      for (const [number, entry] of rows) {
        if (wanted.has(number)) continue;
        entry.node.remove();
        rows.delete(number);
      }
      items.forEach((item, place) => {
        let entry = rows.get(item.number);
        if (!entry || entry.key !== `${item.title}|${item.picture}`) {
          const fresh = row(item);
          entry?.node.replaceWith(fresh.node);
          rows.set(item.number, fresh);
          entry = fresh;
        }
        if (list.children[place] !== entry.node) list.insertBefore(entry.node, list.children[place] ?? null);
        if (entry.state !== item.state) {
          entry.state = item.state;
          entry.node.className = `cue cue--${item.state}`;
          say(entry.parts.state, WORDS[item.state]);
          if (item.state === "on_air") {
            entry.node.setAttribute("aria-current", "true");
            entry.node.scrollIntoView({ block: "nearest" });
          } else entry.node.removeAttribute("aria-current");
        }
        say(entry.parts.left, `${item.left.toLocaleString("en")} left`);
        entry.parts.left.classList.toggle("is-few", item.left <= 5);
        if (entry.button) entry.button.disabled = !room.isOpen() || item.number === store.state.pinned?.number;
      });
      if (!items.length && !list.children.length) list.append(h("li", { class: "empty muted small" }, "No items yet. ", h("a", { href: `/studio/${room.config.slug}/` }, "Choose what to sell")));
      times();
    },
  };
}
