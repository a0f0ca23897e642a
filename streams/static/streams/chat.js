/**
 * The chat list. Messages and purchases in the order of the log; at most 150 rows in the page; drawn a few times a second.
 * Scrolling back stops the list from following and shows how many came since.
 */

import { $, h, hueOf, icon, initials, plural, say } from "./dom.js";
import { openModeration } from "./moderation.js";

const ROWS = 150;
const DRAW_EVERY = 90; // ms: in a rush several messages come into the list together
const NEAR = 48; // px from the end that still counts as "at the end"
const READ_EVERY = 3_000;
const BUSY_FOR = 6_000; // ms after the last message that was left out
const NOTHING = -Infinity; // messages from before the log began anew have a seq below zero

export function createChat(room, { root = $("#chat") } = {}) {
  const { store } = room;
  const list = $(".chat__list", root);
  const jump = $(".chat__new", root);
  const reader = $("#chat-reader");
  const busy = h("p", { class: "chat__busy", role: "status" });
  root.append(busy);
  const rows = new Map(); // seq -> {node, deleted}
  let lastChat = NOTHING;
  let lastPurchase = NOTHING;
  let pill = null; // the newest pill, while nothing came after it
  let following = true;
  let unread = 0;
  let unspoken = [];
  let timer = null;

  const atEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
  const toEnd = () => {
    list.scrollTop = list.scrollHeight;
  };
  const follow = () => {
    following = true;
    unread = 0;
    jump.hidden = true;
  };
  list.addEventListener("scroll", () => {
    following = atEnd();
    if (following) follow();
  }, { passive: true });
  jump.addEventListener("click", () => {
    follow();
    toEnd();
  });
  new ResizeObserver(() => following && toEnd()).observe(list);

  const mark = (user) => {
    if (user.role === "host") return h("span", { class: "mark mark--host" }, "Host");
    if (user.role === "moderator") return h("span", { class: "mark mark--mod" }, "Mod");
    return user.simulated ? h("abbr", { class: "mark mark--sim", title: "A simulated person" }, "sim") : null;
  };

  function message(entry) {
    const { user } = entry;
    const mine = user.id === room.me?.id;
    const node = h(
      "li",
      { class: `line${mine ? " line--mine" : ""}`, style: { "--hue": hueOf(user.id) } },
      h("span", { class: "line__avatar", "aria-hidden": "true" }, initials(user.name)),
      h("p", { class: "line__words" }, h("b", { class: "line__name" }, user.name), mark(user), " ", ...words(entry)),
    );
    if (room.canModerate && !mine && !entry.deleted && user.role !== "host") {
      node.classList.add("line--moderated");
      node.append(
        h("button", { type: "button", class: "line__more", "aria-label": `Moderate ${user.name}`, onclick: () => openModeration(room, entry) }, icon("dots")),
      );
    }
    if (entry.deleted) node.classList.add("line--deleted");
    return node;
  }

  function words(entry) {
    if (entry.deleted) return [h("i", { class: "line__gone" }, "removed by a moderator")];
    const text = h("span", { class: "line__text" }, entry.text);
    const asked = entry.number && store.state.items.find((each) => each.number === entry.number);
    return asked
      ? [text, " ", h("button", { type: "button", class: "line__number", tabindex: -1, "aria-label": `Number ${asked.number}, ${asked.title}`, onclick: () => room.openItem(asked.number) }, `№ ${asked.number}`)]
      : [text];
  }

  /** Purchases that follow each other become one quiet pill; an entry is one order, or in a rush many (`orders`, `names`). */
  function purchase(entry) {
    if (!pill) {
      pill = { node: h("li", { class: "line line--pill" }), names: new Set(), variants: new Set(), count: 0, simulated: 0, many: false, first: entry };
      add(entry.seq, pill.node);
    }
    pill.many ||= "orders" in entry;
    pill.count += entry.orders ?? 1;
    pill.simulated += Number(entry.simulated);
    for (const name of entry.names ?? [entry.name]) pill.names.add(name);
    for (const { variant } of entry.lines) pill.variants.add(variant);
    const text = pill.many ? crowd() : pill.count === 1 ? `${pill.first.name} bought ${thing()}` : several();
    pill.node.replaceChildren(h("span", { class: "pill" }, icon("cart"), h("span", { class: "pill__text" }, text), pill.simulated === pill.count && (pill.many || pill.count === 1) ? mark({ simulated: true }) : null));
  }

  const several = () =>
    pill.names.size === 1
      ? `${pill.first.name} bought ${plural(pill.count, "time", "times")}`
      : `${pill.first.name} and ${plural(pill.names.size - 1, "other", "others")} bought`;

  const crowd = () => `${pill.count.toLocaleString("en")} people bought${pill.variants.size === 1 && thing() ? ` ${thing()}` : ""}`;

  /** What the first order of the pill was about: its number on the run of show, else its title. */
  function thing() {
    const [line] = pill.first.lines;
    const number = room.numberOf(line.variant);
    return number ? `№ ${number}` : line.title;
  }

  function add(seq, node, deleted = false) {
    rows.set(seq, { node, deleted });
    list.append(node);
    if (!following) unread += 1;
  }

  function trim() {
    // While somebody reads back, rows above stay, so that nothing moves under the eyes.
    const most = following ? ROWS : ROWS * 3;
    for (const [seq, row] of rows) {
      if (rows.size <= most) break;
      row.node.remove();
      rows.delete(seq);
    }
  }

  function restart() {
    list.replaceChildren();
    rows.clear();
    [lastChat, lastPurchase, pill, unread] = [NOTHING, NOTHING, null, 0];
    follow();
  }

  function speak() {
    timer = null;
    const latest = unspoken.slice(-2).map((each) => `${each.user.name}: ${each.text}`);
    const more = unspoken.length - latest.length;
    say(reader, `${more > 0 ? `${more} more. ` : ""}${latest.join(". ")}`);
    unspoken = [];
  }

  let calm = null;
  /** The room says more than anybody can read, and sends us some of it. */
  function tellBusy() {
    clearTimeout(calm);
    calm = setTimeout(() => {
      root.classList.remove("is-busy");
      say(busy, "");
    }, BUSY_FOR);
    if (root.classList.contains("is-busy")) return;
    root.classList.add("is-busy");
    say(busy, "Busy chat: you see some of it");
  }

  let drawnAt = 0;
  let due = null;
  let fresh = false;

  function render(changed) {
    if (changed.has("busy")) tellBusy();
    if (!changed.has("chat") && !changed.has("purchases")) return;
    fresh ||= changed.has("fresh");
    const wait = drawnAt + DRAW_EVERY - performance.now();
    if (wait <= 0) draw();
    else due ??= setTimeout(() => requestAnimationFrame(draw), wait);
  }

  function draw() {
    clearTimeout(due);
    due = null;
    drawnAt = performance.now();
    const restarted = fresh;
    fresh = false;
    const { chat, purchases } = store.state;
    const first = restarted || lastChat === NOTHING;
    if (restarted) restart();
    const entries = [
      ...chat.filter((each) => each.seq > lastChat),
      ...purchases.filter((each) => each.seq > lastPurchase),
    ].sort((one, other) => one.seq - other.seq);
    for (const entry of entries) {
      if ("lines" in entry) {
        purchase(entry);
        lastPurchase = entry.seq;
      } else {
        pill = null;
        add(entry.seq, message(entry), Boolean(entry.deleted));
        lastChat = entry.seq;
        if (first) continue;
        if (entry.user.id === room.me?.id) follow(); // who speaks looks at the end again
        else if (!entry.deleted) unspoken.push(entry);
      }
    }
    for (const entry of chat) {
      const row = rows.get(entry.seq);
      if (row && entry.deleted && !row.deleted) {
        const node = message(entry);
        row.node.replaceWith(node);
        rows.set(entry.seq, { node, deleted: true });
      }
    }
    trim();
    if (following) toEnd();
    else if (unread) {
      jump.hidden = false;
      say(jump, `${unread} new`);
    }
    if (unspoken.length) timer ??= setTimeout(speak, READ_EVERY);
    root.classList.toggle("is-empty", rows.size === 0);
    room.root.classList.toggle("has-chat", rows.size > 0);
  }

  return { render };
}
