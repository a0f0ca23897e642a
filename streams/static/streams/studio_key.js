/** OBS in the console: the server's address, the stream key (read once, rotated, revoked), and how OBS is doing. */

import { del, get, post } from "./api.js";
import { momentText } from "../js/moments.js";
import { $, $$, h, say } from "./dom.js";
import { ask } from "./sheet.js";
import { toast } from "./toast.js";

const EVERY = 2000;
const BADGES = { sending: ["badge-live", "On air"], waiting: ["badge-look", "Waiting"], refused: ["badge-danger", "Refused"] };

/** The picture's facts into the words of one line: [badge, its look, sentence]. */
export function wordsOf(picture) {
  const { sender, sending, key } = picture;
  if (!sender) return ["Not connected", "", key ? "OBS is not connected. Start streaming there." : "Make a key, paste it into OBS, and start streaming there."];
  const [look, badge] = BADGES[sender.state];
  if (sender.state === "refused") return [badge, look, `OBS was refused. ${sender.message}`];
  if (sender.state === "waiting") return [badge, look, `OBS is connected. ${sender.message}`];
  const rate = sending?.held_by === "rtmp" && sending.bitrate ? `, ${(sending.bitrate / 1e6).toFixed(1)} Mbit/s` : "";
  return [badge, look, `OBS is connected and films this show${rate}.`];
}

/**
 * The part of console_key.html. It asks how OBS is doing only while it can be seen.
 * @returns {{render(picture): void}} for whoever has asked for GET picture anyway
 */
export function createKey(slug) {
  const root = $("#stream-key");
  const path = `/shows/${slug}/picture`;
  const make = $("#sender-make", root);
  const revoke = $("#sender-revoke", root);
  const shown = $("#sender-key", root);
  const once = $("#sender-once", root);
  let known = null;
  let told = "";

  function render(picture) {
    known = picture;
    const open = Boolean(picture.rtmp);
    $("#sender-closed", root).hidden = open;
    $("#sender-fields", root).hidden = !open;
    $("#sender-state", root).hidden = !open;
    if (!open) return;
    const server = $("#sender-server", root);
    if (server.value !== picture.rtmp.url) server.value = picture.rtmp.url;
    const made = picture.key?.made_at ?? null;
    // A key that was replaced in another window is no use any more.
    if (!once.hidden && Number(shown.dataset.made) !== made) hide();
    revoke.hidden = !made;
    say(make, made ? "Make a new key" : "Make a stream key");
    const when = made && momentText(new Date(made));
    say($("#sender-made", root), made ? (once.hidden ? `Made: ${when}. It was shown then, and can not be read again.` : "") : "There is no key yet.");
    const [badge, look, sentence] = wordsOf(picture);
    if (told === badge + sentence) return;
    told = badge + sentence;
    $("#sender-state", root).replaceChildren(h("span", { class: `badge ${look}`.trim() }, badge), h("span", {}, sentence));
  }

  function hide() {
    once.hidden = true;
    shown.value = "";
  }

  async function refresh() {
    const reply = await get(path);
    if (reply.ok) render(reply.data);
  }

  const refused = (reply) => toast(reply.error.message, { tone: "bad", seconds: 7 });

  make.addEventListener("click", async () => {
    const again = Boolean(known?.key);
    const sure = !again || (await ask({ title: "Make a new key?", text: "The old key stops working at once. If OBS sends with it now, it is cut off until it has the new one.", yes: "Make a new key", no: "Keep the old one", danger: true }));
    if (!sure) return;
    make.disabled = true;
    const reply = await post(`${path}/key`, undefined);
    make.disabled = false;
    if (!reply.ok) {
      refused(reply);
      return;
    }
    shown.value = reply.data.key;
    shown.dataset.made = reply.data.made_at;
    once.hidden = false;
    await refresh();
    $('[data-copy="sender-key"]', root).focus();
  });

  revoke.addEventListener("click", async () => {
    const sure = await ask({ title: "Revoke the key?", text: "Nobody can send to this show with it any more. If OBS sends now, it is cut off.", yes: "Revoke", no: "Keep it", danger: true });
    if (!sure) return;
    const reply = await del(`${path}/key`);
    if (!reply.ok) {
      refused(reply);
      return;
    }
    hide();
    render(reply.data);
    toast("The key is revoked.");
    make.focus();
  });

  for (const button of $$("[data-copy]", root)) {
    button.addEventListener("click", async () => {
      const field = $(`#${button.dataset.copy}`, root);
      field.select();
      const copied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
      toast(copied ? "Copied." : "Press Ctrl+C: it is selected.");
    });
  }

  const look = () => {
    if (!document.hidden && root.checkVisibility()) refresh();
  };
  setInterval(look, EVERY);
  window.addEventListener("focus", look);
  refresh();
  return { render };
}
