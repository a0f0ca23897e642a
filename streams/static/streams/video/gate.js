/**
 * Picture and room in step: what is *presented* waits until the viewer's own picture gets to where it was said.
 *
 *   const gate = createGate({ store, wallTime, instant, onPresent });
 *   gate.heard(frame, changed);      // after store.apply(frame)
 *   gate.store                       // like the store, for the views of what is shown: the card and the stage
 *
 * Which item is on air and the start of a deal wait, at most LATEST. What is final never does: what is left, sold
 * out, the end of a deal, the state of the show, and every price that somebody pays (the buy sheet reads the store).
 * The store itself is always of now.
 */

import { withoutDeal } from "../items_state.js";

export const LATEST = 5_000; // ms after the event
const LOOK = 50; // ms

/**
 * @param wallTime  server ms of the picture that is seen; null without one
 * @param now       server ms
 * @param instant   whether the viewer wants everything at once
 * @param onPresent (parts) what is presented has changed by itself: a set of the store's parts
 */
export function createGate({ store, wallTime, now, instant = () => false, onPresent = () => {} }) {
  let pins = []; // {at, item} in order: item.pinned, or null for an empty stage
  let deals = new Map(); // id -> at, of deals whose start is not presented yet
  let shown = null; // the item that is presented while pins wait
  let timer = null;

  const waits = (at) => {
    const seen = instant() ? null : wallTime();
    return seen !== null && seen < at && now() - at < LATEST;
  };

  const heldDeals = () => store.state.deals.filter((deal) => deals.has(deal.id));

  function presented() {
    const item = pins.length ? shown && store.refresh(shown) : store.state.pinned;
    return item && heldDeals().reduce(withoutDeal, item);
  }

  /** Lets through what the picture has reached; true when that was something. */
  function release() {
    const before = pins.length + deals.size;
    while (pins.length && !waits(pins[0].at)) shown = pins.shift().item;
    for (const [id, at] of deals) if (!waits(at)) deals.delete(id);
    if (!pins.length) shown = store.state.pinned;
    if (pins.length || deals.size) timer ??= setInterval(look, LOOK);
    else {
      clearInterval(timer);
      timer = null;
    }
    return pins.length + deals.size < before;
  }

  function look() {
    if (release()) onPresent(new Set(["pinned", "deals"]));
  }

  const state = Object.defineProperties(Object.create(store.state), {
    pinned: { get: presented },
    deals: { get: () => (deals.size ? store.state.deals.filter((deal) => !deals.has(deal.id)) : store.state.deals) },
  });

  return {
    store: { ...store, state },
    /** @param changed what the store says of this frame; a fresh snapshot is presented as it is */
    heard(frame, changed) {
      if (changed.has("fresh") || store.state.show?.state === "ended") [pins, deals] = [[], new Map()];
      else {
        for (const { type, at, data } of frame.events ?? []) {
          if (type === "item.pinned" && changed.has("pinned")) pins.push({ at, item: data.item });
          if (type === "item.unpinned" && changed.has("pinned")) pins.push({ at, item: null });
          if (type === "deal.started" && changed.has("deals")) deals.set(data.deal.id, at);
          if (type === "deal.ended") deals.delete(data.deal.id);
        }
      }
      release();
    },
    /** The setting has changed, or the picture has. */
    look,
    get waiting() {
      return pins.length + deals.size;
    },
  };
}
