/** Chat and requests as tabs. A request line says what, how many, how long ago, and has one button. */

import { every, now } from "./clock.js";
import { $, $$, h, plural, say } from "./dom.js";

export function createAudience(room) {
  const { store } = room;
  const tabs = $$("[role=tab]");
  const list = $("#requests");
  const rows = new Map(); // number -> {node, parts, at, total}

  function show(name) {
    for (const tab of tabs) {
      const mine = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(mine));
      tab.setAttribute("aria-pressed", String(mine));
      tab.tabIndex = mine ? 0 : -1;
      $(`#${tab.getAttribute("aria-controls")}`).hidden = !mine;
    }
  }
  for (const tab of tabs) {
    tab.addEventListener("click", () => show(tab.id.replace("tab-", "")));
    tab.addEventListener("keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      const other = tabs.find((each) => each !== tab);
      other.click();
      other.focus();
    });
  }

  const ago = (at) => {
    const seconds = Math.max(0, Math.round((now() - at) / 1000));
    return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  };
  every(() => {
    for (const { parts, at } of rows.values()) say(parts.ago, ago(at));
  });

  function row(number) {
    const item = store.state.items.find((each) => each.number === number);
    const parts = { people: h("span", { class: "figures" }), ago: h("span", { class: "figures" }) };
    const node = h(
      "li",
      { class: "request" },
      h("span", { class: "number" }, number),
      h("span", { class: "request__words" }, h("b", { class: "one-line" }, item?.title ?? `Number ${number}`), h("span", { class: "small muted" }, parts.people, " · ", parts.ago)),
      room.isHost ? h("button", { type: "button", class: "button button-small", "aria-label": `Pin number ${number}`, onclick: () => room.pin(number) }, "Pin") : null,
    );
    return { node, parts, at: now(), total: 0 };
  }

  return {
    show,
    render(changed) {
      if (!changed.has("requests") && !changed.has("items")) return;
      const wanted = Object.entries(store.state.requests)
        .map(([number, total]) => ({ number: Number(number), total }))
        .filter(({ number, total }) => total > 0 && number !== store.state.pinned?.number)
        .sort((one, other) => other.total - one.total || one.number - other.number);
      for (const [number, entry] of rows) {
        if (wanted.some((each) => each.number === number)) continue;
        entry.node.remove();
        rows.delete(number);
      }
      wanted.forEach(({ number, total }, place) => {
        if (!rows.has(number)) rows.set(number, row(number));
        const entry = rows.get(number);
        if (entry.total !== total) [entry.total, entry.at] = [total, now()];
        say(entry.parts.people, plural(total, "person", "people"));
        // A row under the pointer stays where it is: nothing moves under a finger.
        if (list.children[place] !== entry.node && !list.matches(":hover")) list.insertBefore(entry.node, list.children[place] ?? null);
        else if (!entry.node.isConnected) list.append(entry.node);
      });
      $("#requests-empty").hidden = wanted.length > 0;
      say($("#requests-count"), wanted.length ? String(wanted.length) : "");
    },
  };
}
