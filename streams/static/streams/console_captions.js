/** What there is to say about the item on air: notes that a click puts over the picture, and a field for any words. */

import { put } from "./api.js";
import { $, h } from "./dom.js";
import { toast } from "./toast.js";

const LONGEST = 200;
const NOTHING_TO_SAY = "Your notes for the pinned item appear here.";

/** The lines of the host's notes; without notes what is known about the product. */
function linesOf(room, item) {
  if (!item) return [];
  const notes = room.plan.get(item.number)?.talking_points;
  if (notes) return notes.split("\n").map((each) => each.trim()).filter(Boolean);
  const known = Object.entries(item.attributes).slice(0, 5).map(([name, value]) => `${name.charAt(0).toUpperCase()}${name.slice(1)}: ${value}`);
  return known.length ? known : [item.description.slice(0, 240)].filter(Boolean);
}

function shortened(text) {
  if (text.length <= LONGEST) return text;
  const cut = text.slice(0, LONGEST - 2);
  return `${cut.slice(0, cut.lastIndexOf(" ") > 0 ? cut.lastIndexOf(" ") : undefined)} …`;
}

export function createNotes(room) {
  const { store } = room;
  const list = $("#notes");
  const form = $("#say");
  const input = $("#say-text");
  let shown;

  const say = async (text) => {
    if (!room.isOpen()) {
      toast("Captions can be said while the show is on air.");
      return false;
    }
    return room.command("caption.say", { text });
  };

  function row(text) {
    if (!room.isHost) return h("li", { class: "note" }, text);
    const button = h("button", { type: "button", class: "note note--say", title: "Show this as a caption" }, text);
    button.addEventListener("click", async () => {
      if (await say(shortened(text))) button.classList.add("is-said");
    });
    return h("li", {}, button);
  }

  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    if (!(await say(text)) && !input.value) input.value = text;
  });

  const auto = $("#captions-from-notes");
  auto?.addEventListener("change", async () => {
    const reply = await put(`/shows/${room.config.slug}/picture/captions`, { from_notes: auto.checked });
    if (reply.ok) return;
    auto.checked = !auto.checked;
    toast(reply.error.message, { tone: "bad" });
  });

  return {
    focus: () => input?.focus(),
    render(changed) {
      if (!changed.has("pinned")) return;
      const { pinned } = store.state;
      if (shown === (pinned?.number ?? null)) return;
      shown = pinned?.number ?? null;
      const lines = linesOf(room, pinned);
      list.replaceChildren(...(lines.length ? lines.map(row) : [h("li", { class: "small muted" }, pinned ? "No notes for this item." : NOTHING_TO_SAY)]));
    },
  };
}
