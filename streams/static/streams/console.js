/** The console: the same socket and the same store as a viewer, and the host's controls on top. */

import { createAdvice } from "./console_advice.js";
import { createAudience } from "./console_audience.js";
import { createNotes } from "./console_captions.js";
import { createControls } from "./console_controls.js";
import { createCues } from "./console_cues.js";
import { createDeals } from "./console_deals.js";
import { createNumbers } from "./console_numbers.js";
import { createChat } from "./chat.js";
import { learn } from "./clock.js";
import { createComposer } from "./composer.js";
import { createConnection } from "./connection.js";
import { $, perFrame } from "./dom.js";
import { createKeys } from "./keys.js";
import { createPinned } from "./pinned.js";
import { openRoom } from "./socket.js";
import { createStage } from "./stage.js";
import { createStore } from "./store.js";
import { createCamera } from "./studio_camera.js";
import { toast } from "./toast.js";

const config = JSON.parse($("#room-config").textContent);
const store = createStore();
const pending = new Set();
const views = [];

const draw = perFrame(() => {
  const changed = new Set(pending);
  pending.clear();
  for (const view of views) view.render?.(changed);
});

function apply(frame) {
  for (const event of frame.events ?? []) if (event.at) learn(event.at);
  const { changed, gap } = store.apply(frame);
  for (const part of changed) pending.add(part);
  if (changed.size) draw();
  return gap;
}

const room = {
  root: $("#room"),
  config: { ...config, following: true },
  plan: new Map(config.plan.map((item) => [item.number, item])),
  store,
  apply,
  me: config.me?.user ?? null,
  canModerate: true,
  isHost: config.role === "host",
  known: () => true,
  numberOf: (variant) => store.state.items.find((each) => each.variant === variant)?.number ?? (store.state.pinned?.variants.some((each) => each.id === variant) ? store.state.pinned.number : null),
  isOpen: () => ["live", "paused"].includes(store.state.show?.state),
  send: (type, data, options) => socket.send(type, data, options),
  openItem: (number) => room.pin(number),
  openItems: () => {},
  loginPath: () => `/login/?next=${encodeURIComponent(location.pathname)}`,
  redraw(part) {
    pending.add(part);
    draw();
  },
  /** Sends a host command; what is refused is said in words. Resolves to whether it was done. */
  async command(type, data = {}) {
    const reply = await room.send(type, data);
    if (!reply.ok) toast(reply.error.message, { tone: "bad", seconds: 7 });
    return reply.ok;
  },
  async pin(number) {
    if (!room.isHost) return false;
    if (!room.isOpen()) {
      toast("Go live first, then pin.");
      return false;
    }
    return room.command("item.pin", { number });
  },
};

const numbers = createNumbers(room);
room.numbers = numbers;
const connection = createConnection(room);
const controls = room.isHost ? createControls(room) : {};
const deals = createDeals(room);
const audience = createAudience(room);
const composer = createComposer(room);
const notes = createNotes(room);
if (room.isHost) views.push((room.camera = createCamera(room)));
views.push(numbers, notes, createStage(room), createPinned(room, { preview: true }), controls, createCues(room), deals, createChat(room), audience, composer, createAdvice(room));

apply({ epoch: null, events: [{ type: "room.snapshot", at: config.now, data: config.snapshot }] });
if (config.me) apply({ epoch: null, events: [{ type: "me.snapshot", data: config.me }] });

const socket = openRoom(config.slug, {
  since: () => (store.state.epoch ? `${store.state.epoch}:${store.state.seq}` : null),
  crowd: () => store.state.counts.people + store.state.counts.simulated,
  onFrame: (frame) => (apply(frame) ? "resume" : undefined),
  onState: connection.tell,
});

const hostKeys = room.isHost
  ? [
      { key: " ", label: "Pin the next item", run: controls.next },
      { key: "d", label: "Start a deal", run: deals.focus },
      { key: "p", label: "Pause or go on", run: controls.pause },
      { key: "u", label: "Unpin", run: controls.unpin },
      { key: "s", label: "Say it in words", run: notes.focus },
    ]
  : [];
createKeys([
  ...hostKeys,
  {
    key: "/",
    label: "Write in the chat",
    run: () => {
      audience.show("chat");
      composer.focus();
    },
  },
  { key: "r", label: "Requests", run: () => audience.show("requests") },
]);
