/** The line to write in. What could not be sent stays in it. */

import { $, say } from "./dom.js";
import { toast } from "./toast.js";

export function createComposer(room) {
  const { store } = room;
  const form = $("#composer");
  const input = $("#chat-input");
  const button = $("button", form);
  const note = $("#composer-note");
  const invitation = input.placeholder;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    if (!room.known(`chat:${text}`)) return;
    input.value = "";
    const reply = await room.send("chat.send", { text });
    if (reply.ok) return;
    if (!input.value) input.value = text;
    if (reply.error.code === "too_fast") say(note, "A little slower, please. Your message is still here.");
    else if (reply.error.code === "disconnected") say(note, "Not sent: the connection was lost. Your message is still here.");
    else toast(reply.error.message, { tone: "bad" });
  });
  input.addEventListener("input", () => say(note, ""));

  return {
    focus: () => input.focus(),
    /** A message that somebody had begun before logging in. */
    offer(text) {
      input.value = text.slice(0, 300);
      input.focus();
    },
    render(changed) {
      if (!changed.has("show") && !changed.has("me") && !changed.has("connection")) return;
      const over = store.state.show?.state === "ended";
      const muted = Boolean(store.state.me?.muted);
      input.disabled = over || muted;
      button.disabled = over || muted;
      input.placeholder = over
        ? "The chat is closed"
        : muted
          ? "You can read, but not write in this show"
          : invitation;
    },
  };
}
