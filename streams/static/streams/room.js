/** The room page: one store, one socket, and the parts of the page that draw what changed, once per frame. */

import { createBuy } from "./buy.js";
import { createCaptions } from "./captions.js";
import { createCart } from "./cart.js";
import { createChat } from "./chat.js";
import { post } from "./api.js";
import { learn, now } from "./clock.js";
import { createComposer } from "./composer.js";
import { createConnection } from "./connection.js";
import { $, perFrame } from "./dom.js";
import { createHeader } from "./header.js";
import { createItems } from "./items.js";
import { createKeys } from "./keys.js";
import { createOrders } from "./orders.js";
import { createPinned } from "./pinned.js";
import { createPurchases } from "./purchases.js";
import { createReactions } from "./reactions.js";
import { openRoom } from "./socket.js";
import { createStage } from "./stage.js";
import { createStore } from "./store.js";
import { createGate } from "./video/gate.js";
import { choices } from "./video/choices.js";
import { createPicture } from "./video/room_picture.js";
import { toast } from "./toast.js";

const config = JSON.parse($("#room-config").textContent);
const store = createStore();
const { createReplay } = config.video?.replay ? await import("./replay.js") : {};
const pending = new Set();
const numbers = new Map(); // variant -> number, as far as it was on air since we came
const views = [];

const draw = perFrame(() => {
  const changed = new Set(pending);
  pending.clear();
  for (const view of views) view.render(changed);
});

function apply(frame) {
  for (const event of frame.events ?? []) if (event.at) learn(event.at);
  const { changed, gap } = store.apply(frame);
  gate.heard(frame, changed);
  for (const part of changed) pending.add(part);
  if (changed.has("pinned")) for (const each of store.state.pinned?.variants ?? []) numbers.set(each.id, store.state.pinned.number);
  if (changed.size) draw();
  return gap;
}

/** The parts of the page that changed by themselves, not by a frame. */
function redraw(parts) {
  for (const part of parts) pending.add(part);
  draw();
}

const gate = createGate({ store, now, wallTime: () => room.picture?.wallTime() ?? null, instant: () => choices.instant, onPresent: redraw });

const room = {
  root: $("#room"),
  config,
  store,
  apply,
  get me() {
    return config.me?.user ?? null;
  },
  get canModerate() {
    return config.role !== "viewer";
  },
  numberOf: (variant) => numbers.get(variant) ?? store.state.items.find((each) => each.variant === variant)?.number ?? null,
  isOpen: () => ["live", "paused"].includes(store.state.show?.state),
  socketOpen: () => socket.isOpen(),
  send: (type, data, options) => socket.send(type, data, options),
  loginPath: (act = "") => `/login/?next=${encodeURIComponent(location.pathname + (act ? `?act=${encodeURIComponent(act)}` : ""))}`,
  /** True for a known person; a guest goes to the login with the act in hand. */
  known(act, { force = false } = {}) {
    if (room.me && !force) return true;
    location.assign(room.loginPath(act));
    return false;
  },
  openBuy: (item, wish) => buy.open(item, wish),
  showOrder: (id) => buy.showOrder(id),
  openItems() {
    buy.close();
    cart.close();
    items.open();
  },
  openCart: () => cart.open(),
  follow: () => header.follow(),
  /** The API's answer to a saved address or card, as the room's own words. */
  applyMe(saved) {
    const { address, card } = saved;
    const me = {
      ...store.state.me,
      has_address: Boolean(address),
      has_card: Boolean(card),
      address_line: address ? `${address.line1}, ${address.postal_code} ${address.city}` : "",
      card_last4: card?.last4 ?? "",
    };
    apply({ epoch: store.state.epoch, events: [{ type: "me.snapshot", data: me }] });
  },
  async openItem(number, wish = {}) {
    const { pinned } = store.state;
    if (pinned?.number === number) {
      items.close();
      buy.open(pinned, wish);
      return;
    }
    const response = await fetch(`${config.items_url}${number}/`).catch(() => null);
    if (!response?.ok) {
      toast("That item could not be opened. Please try again.", { tone: "bad" });
      return;
    }
    const item = store.refresh(await response.json());
    items.close();
    for (const each of item.variants) numbers.set(each.id, item.number);
    buy.open(item, wish);
  },
};

const buy = createBuy(room);
const cart = createCart(room);
const items = createItems(room);
const header = createHeader(room);
const composer = createComposer(room);
const connection = createConnection(room);
const replay = createReplay?.(room);
room.captions = replay?.captions ?? createCaptions(room, { wallTime: () => room.picture?.wallTime() ?? null });
room.picture = replay ? null : createPicture(room, { gate, onChange: () => redraw(["picture"]) });
const inStep = Object.create(room, { store: { value: gate.store } }); // what is shown comes with the picture
const onAir = replay ? [] : [room.picture, createPinned(inStep), createChat(room), room.captions]; // a replay shows those of then
views.push(header, createStage(inStep), ...onAir, items, composer, createReactions(room), cart, createOrders(room), buy, ...(replay ? [replay.view] : []));

// The server has put the first view into the page, so that it can be used before the socket speaks.
apply({ epoch: null, events: [{ type: "room.snapshot", at: config.now, data: config.snapshot }] });
if (config.me) apply({ epoch: null, events: [{ type: "me.snapshot", data: config.me }] });

/** In a show that is over the socket takes no orders any more; the shop's own door does, with the same key. */
async function settle(type, data, options) {
  if (type !== "buy" || room.isOpen()) return socket.send(type, data, options);
  const { key, ...line } = data;
  const reply = await post("/orders", { lines: [line] }, { key });
  return reply.ok || reply.error.code !== "offline" ? reply : { ok: false, error: { ...reply.error, code: "disconnected" } };
}

const purchases = createPurchases({ slug: config.slug, send: settle, onSettled: (entry, reply) => buy.settled(entry, reply) });
room.purchases = purchases;

let known = false; // whether the room has told who we are since the socket opened
const socket = openRoom(config.slug, {
  since: () => (store.state.epoch ? `${store.state.epoch}:${store.state.seq}` : null),
  crowd: () => store.state.counts.people + store.state.counts.simulated,
  onFrame: (frame) => {
    const gap = apply(frame);
    if (!known) {
      known = true;
      // The socket has to exist for the first answer: the constructor returns before the first frame.
      queueMicrotask(() => purchases.resend());
    }
    return gap ? "resume" : undefined;
  },
  onState: (state) => {
    if (state.state !== "open") known = false;
    connection.tell(state);
    pending.add("connection");
  },
});

$("#show-items").addEventListener("click", room.openItems);
$("#cart").addEventListener("click", room.openCart);
$("#share").addEventListener("click", async () => {
  const what = { title: store.state.show.title, url: location.origin + location.pathname };
  if (navigator.share) await navigator.share(what).catch(() => {});
  else if (navigator.clipboard) await navigator.clipboard.writeText(what.url).then(() => toast("The address of this show is copied."), () => toast(what.url));
  else toast(what.url, { seconds: 12 });
});

const keys = [
  { key: "/", label: "Write in the chat", run: composer.focus },
  { key: "b", label: "Buy what is on air", run: () => gate.store.state.pinned && buy.open(gate.store.state.pinned) },
  { key: "i", label: "Items of this show", run: room.openItems },
  { key: "c", label: "Cart", run: room.openCart },
  { key: "m", label: "Sound on or off", run: () => room.picture?.mute() },
  { key: "f", label: "Full screen", run: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.()) },
];
createKeys(replay ? [...replay.keys, ...keys.filter(({ key }) => key !== "/" && !replay.keys.some((each) => each.key === key))] : keys);

/** What a guest had in hand before logging in, or what another site's page points at. Nothing is bought or sent without
 * another tap. */
async function takeUp(act) {
  history.replaceState(null, "", location.pathname);
  const [kind, ...rest] = act.split(":");
  if (kind === "item") return /^\d{1,4}$/.test(rest[0]) ? room.openItem(Number(rest[0])) : undefined;
  if (kind === "buy") {
    const wish = { variant: Number(rest[0]), quantity: Math.min(99, Math.max(1, Number(rest[1]) || 1)) };
    const { pinned } = store.state;
    if (pinned?.variants.some((each) => each.id === wish.variant)) return buy.open(pinned, wish);
    const reply = await fetch(`${config.items_url}?variant=${wish.variant}`).catch(() => null);
    if (reply?.ok) buy.open(store.refresh(await reply.json()), wish);
  }
  if (kind === "chat") composer.offer(rest.join(":"));
  if (kind === "cart") cart.open();
  if (kind === "ask") items.open();
  if (kind === "follow" && !config.following) header.follow();
  return undefined;
}
const act = new URLSearchParams(location.search).get("act");
if (act && (config.me || act.startsWith("item:"))) takeUp(act);
else if (act) history.replaceState(null, "", location.pathname);
