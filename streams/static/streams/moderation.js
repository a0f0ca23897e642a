/** What a host or moderator can do about a message and the person who wrote it. */

import { h, icon } from "./dom.js";
import { createSheet } from "./sheet.js";
import { toast } from "./toast.js";

export function openModeration(room, entry) {
  const sheet = createSheet({ label: entry.user.name, className: "sheet--ask", onClose: () => sheet.dialog.remove() });

  async function act(type, data, done) {
    sheet.close();
    const reply = await room.send(type, data);
    if (reply.ok) toast(done);
    else toast(reply.error.message, { tone: "bad" });
  }

  const choice = (name, label, note, run, danger = false) =>
    h(
      "button",
      { type: "button", class: `choice${danger ? " choice--danger" : ""}`, onclick: run },
      icon(name),
      h("span", {}, h("b", {}, label), h("small", {}, note)),
    );
  const user = entry.user.id;
  sheet.body.append(
    h("blockquote", { class: "quote" }, entry.text),
    h(
      "div",
      { class: "choices" },
      choice("trash", "Remove the message", "Everybody sees that it was removed.", () => act("chat.delete", { seq: entry.seq }, "The message is gone.")),
      choice("mute", `Mute ${entry.user.name}`, "Can watch and buy, can not write in this show.", () => act("viewer.mute", { user }, `${entry.user.name} is muted.`)),
      choice("ban", `Ban ${entry.user.name}`, "Leaves the room now and can not come back to this show.", () => act("viewer.ban", { user }, `${entry.user.name} has left the room.`), true),
    ),
  );
  sheet.open();
}
