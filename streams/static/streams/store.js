/**
 * The room as a value: a snapshot and the events after it. Pure: no DOM, no clock, no network.
 *
 *   const store = createStore();
 *   const { changed, gap } = store.apply(frame);   // a batch frame: {epoch, events: [...]}
 *   store.state                                    // read it, never write it
 *   store.snapshot()                               // the shape of room.snapshot's data, to compare with a fresh one
 *
 * Rules: a seq seen before is ignored; a seq that skips one is a gap (nothing after it is applied, the caller
 * resumes), unless the frame says how many chat messages were left out on purpose (`left_out`, up to `through`) and
 * that explains what is missing; a rev lower than the one held is ignored, per show, variant, item, deal, order and cart; unknown event
 * types and unknown fields are ignored; values are absolute. Nested values are replaced, never changed in place.
 */

import { countOf, reconcile, soldBy, summarise, withDeal, withStates, withStock, withoutDeal } from "./items_state.js";

const SNAPSHOT_CHAT = 50;
const CAPTIONS = 20;
const OF_LINE = ["left", "rev", "shown", "state"]; // what the pinned item takes over from its line
const NO_REACTIONS = { heart: 0, clap: 0, fire: 0, wow: 0 };

export function createStore({ chatLimit = 200 } = {}) {
  const state = {
    epoch: null,
    seq: 0,
    show: null,
    pinned: null,
    items: [],
    deals: [],
    chat: [],
    requests: {},
    counts: { people: 0, simulated: 0 },
    reactions: NO_REACTIONS,
    purchases: [],
    captions: [], // the last lines that were said; what is seen of them is for captions.js to say
    leftOut: 0, // chat messages of a busy room that we were not sent
    me: null,
  };
  const known = { show: 0, stock: new Map(), items: new Map(), deals: new Map(), ended: new Map(), orders: new Map(), cart: -1 };
  let changed = new Set();

  const mark = (...parts) => parts.forEach((part) => changed.add(part));

  /** Whether `rev` is not older than what `map` holds for `id`; remembers it. */
  function newer(map, id, rev) {
    if (rev === undefined || rev === null) return true;
    if (rev < (map.get(id) ?? 0)) return false;
    map.set(id, rev);
    return true;
  }

  function ofShow(rev) {
    if (rev === undefined || rev === null) return true;
    if (rev < known.show) return false;
    known.show = rev;
    return true;
  }

  const take = (item) => (item ? reconcile(item, known, state.deals) : null);
  const sells = (item, variant) => Boolean(item?.variants.some((each) => each.id === variant));

  function setItems(items) {
    state.items = withStates(items, state.pinned?.number ?? null);
    const line = state.pinned && state.items.find((each) => each.number === state.pinned.number);
    if (line && OF_LINE.some((field) => line[field] !== state.pinned[field])) {
      state.pinned = { ...state.pinned, ...Object.fromEntries(OF_LINE.map((field) => [field, line[field]])) };
      mark("pinned");
    }
    mark("items");
  }

  function setPinned(item) {
    state.pinned = item;
    mark("pinned");
    setItems(item ? state.items.map((each) => (each.number === item.number ? summarise(each, item) : each)) : state.items);
  }

  const handlers = {
    "room.snapshot"(data, event, epoch) {
      known.show = data.show.rev ?? 0;
      for (const map of [known.stock, known.items, known.deals, known.ended]) map.clear();
      for (const deal of data.deals) newer(known.deals, deal.id, deal.rev);
      for (const item of data.items) countOf(item, known);
      state.epoch = epoch;
      state.seq = event.seq ?? 0;
      state.show = data.show;
      state.deals = data.deals;
      state.pinned = take(data.pinned);
      state.items = data.items;
      state.chat = data.chat;
      state.requests = { ...data.requests };
      state.counts = data.counts;
      state.purchases = [];
      state.captions = [];
      mark("show", "pinned", "items", "deals", "chat", "requests", "counts", "purchases", "captions", "fresh");
    },
    "show.changed"({ show }, { rev }) {
      if (!ofShow(rev)) return;
      state.show = show;
      mark("show");
    },
    "item.pinned"({ item }, { rev }) {
      if (!ofShow(rev)) return;
      const { [item.number]: _asked, ...rest } = state.requests;
      state.requests = rest;
      mark("requests");
      setPinned(take(item));
    },
    "item.unpinned"(_data, { rev }) {
      if (ofShow(rev)) setPinned(null);
    },
    "item.changed"(data, { rev }) {
      if (!ofShow(rev)) return;
      state.deals = data.deals ?? state.deals;
      for (const deal of state.deals) newer(known.deals, deal.id, deal.rev);
      state.pinned = take(data.pinned);
      mark("pinned", "deals");
      setItems(data.items.map((each) => ({ ...each, ...countOf(each, known) })));
    },
    "deal.started"({ deal }, { rev }) {
      if (!newer(known.deals, deal.id, rev ?? deal.rev)) return;
      state.deals = [...state.deals.filter((each) => each.id !== deal.id), deal];
      mark("deals");
      if (sells(state.pinned, deal.variant)) setPinned(withDeal(state.pinned, deal));
    },
    "deal.ended"({ deal }, { rev }) {
      if (!newer(known.deals, deal.id, rev ?? deal.rev)) return;
      known.ended.set(deal.id, deal);
      state.deals = state.deals.filter((each) => each.id !== deal.id);
      mark("deals");
      if (sells(state.pinned, deal.variant)) setPinned(withoutDeal(state.pinned, deal));
    },
    "stock.changed"(data, { rev }) {
      const held = known.stock.get(data.variant);
      if (held && rev != null && rev < held.rev) return;
      const fresh = { rev: rev ?? held?.rev ?? 0, left: data.left, deal_left: data.deal_left ?? null };
      known.stock.set(data.variant, fresh);
      mark("stock");
      if (fresh.deal_left !== null && state.deals.some((each) => each.variant === data.variant)) {
        state.deals = state.deals.map((each) => (each.variant === data.variant ? { ...each, left: fresh.deal_left } : each));
        mark("deals");
      }
      if (sells(state.pinned, data.variant)) setPinned(withStock(state.pinned, data.variant, fresh));
    },
    "item.stock"(data, { rev }) {
      const what = soldBy(data);
      const held = known.items.get(what);
      if (held && rev != null && rev < held.rev) return;
      const fresh = { left: data.left, rev: rev ?? held?.rev ?? 0 };
      known.items.set(what, fresh);
      if (state.items.some((each) => soldBy(each) === what)) setItems(state.items.map((each) => (soldBy(each) === what ? { ...each, ...fresh } : each)));
    },
    "chat.message"(data, { seq, at }) {
      state.chat = [...state.chat, { ...data, seq, at }].slice(-chatLimit);
      mark("chat");
    },
    "chat.deleted"(data) {
      state.chat = state.chat.map((each) => (each.seq === data.seq ? { ...each, text: "", number: null, deleted: true } : each));
      mark("chat");
    },
    "item.requested"(data) {
      state.requests = { ...state.requests, [data.number]: data.total };
      mark("requests");
    },
    "order.placed"(data, { seq, at }) {
      state.purchases = [...state.purchases, { ...data, seq, at }].slice(-chatLimit);
      mark("purchases");
    },
    "orders.placed"(data, { seq, at }) {
      state.purchases = [...state.purchases, { ...data, seq, at }].slice(-chatLimit);
      mark("purchases");
    },
    "caption.said"(data, { seq, at }) {
      state.captions = [...state.captions, { ...data, seq, at }].slice(-CAPTIONS);
      mark("captions");
    },
    "room.counts"({ people, simulated }) {
      state.counts = { people, simulated };
      mark("counts");
    },
    "room.reactions"({ heart = 0, clap = 0, fire = 0, wow = 0 }) {
      state.reactions = { heart, clap, fire, wow };
      mark("reactions");
    },
    "me.snapshot"(data) {
      // After a reconnect the older of two answers may come last: what is held is kept where its rev is higher.
      const cart = state.me && data.cart.rev < known.cart ? state.me.cart : data.cart;
      known.cart = cart.rev;
      const held = new Map((state.me?.orders ?? []).map((each) => [each.order, each]));
      const orders = data.orders.map((each) => (newer(known.orders, each.order, each.rev) ? each : (held.get(each.order) ?? each)));
      state.me = { ...data, cart, orders };
      mark("me", "cart", "orders");
    },
    "order.updated"({ order }) {
      if (!state.me || !newer(known.orders, order.order, order.rev)) return;
      state.me = { ...state.me, orders: [...state.me.orders.filter((each) => each.order !== order.order), order] };
      mark("orders");
    },
    "cart.updated"({ cart }) {
      if (!state.me || cart.rev < known.cart) return;
      known.cart = cart.rev;
      state.me = { ...state.me, cart };
      mark("cart");
    },
    "you.muted"(data) {
      if (!state.me || (state.show && data.show !== state.show.slug)) return;
      state.me = { ...state.me, muted: data.muted };
      mark("me");
    },
  };

  /** Applies a batch. `gap` is true when an event is missing: resume with `?since=<epoch>:<seq>`. */
  function apply(frame) {
    changed = new Set();
    const sampled = frame.through != null && frame.epoch === state.epoch && frame.through > state.seq;
    let gap = sampled && !explains(frame);
    for (const event of frame.events ?? []) {
      const first = event.type === "room.snapshot";
      if (event.seq != null && !first) {
        if (gap || state.epoch === null || frame.epoch !== state.epoch || (!sampled && event.seq > state.seq + 1)) {
          gap = true;
          continue;
        }
        if (event.seq <= state.seq) continue;
        state.seq = event.seq;
      }
      if (first) gap = false;
      handlers[event.type]?.(event.data, event, frame.epoch);
    }
    if (sampled && !gap) {
      state.seq = Math.max(state.seq, frame.through);
      state.leftOut += frame.left_out;
      mark("busy");
    }
    return { changed, gap };
  }

  /** Whether what was left out on purpose is all that is missing between our seq and the frame's `through`. */
  function explains({ events, through, left_out }) {
    const told = events.filter((event) => event.seq > state.seq && event.type !== "room.snapshot").length;
    return through - state.seq <= told + left_out;
  }

  /** What a fresh room.snapshot would say, as far as this store knows. */
  function snapshot() {
    const { show, pinned, items, deals, chat, requests, counts } = state;
    return { show, pinned, items, deals, chat: chat.slice(-SNAPSHOT_CHAT), requests, counts };
  }

  /** An item detail that was fetched earlier, with what is known to be newer about it. */
  const refresh = (item) => reconcile(item, known, state.deals);

  return { state, apply, snapshot, refresh };
}
