/**
 * Acts that move money or stock, settled exactly once. Each has a key; the key and the command are kept in the
 * tab's session until the room has answered, and sent again with the same key after a reconnect or a reload.
 * The server answers the same key with the same order.
 */

import { newKey } from "./protocol.js";

const place = (slug) => `livestore.purchases.${slug}`;
const KEEP = 30 * 60_000; // an answer that has not come after half an hour is looked up on the orders page

const load = (slug) => {
  try {
    const all = JSON.parse(sessionStorage.getItem(place(slug)) ?? "[]");
    return all.filter((each) => Date.now() - each.since < KEEP);
  } catch {
    return [];
  }
};

export function createPurchases({ slug, send, onSettled }) {
  let open = load(slug);
  const sending = new Set();

  const keep = () => {
    try {
      sessionStorage.setItem(place(slug), JSON.stringify(open));
    } catch {
      // private mode without storage: the key still lives as long as the page
    }
  };

  async function push(entry) {
    if (sending.has(entry.key)) return;
    sending.add(entry.key);
    const reply = await send(entry.type, { ...entry.data, key: entry.key }, { timeout: 15_000 });
    sending.delete(entry.key);
    const unknown = !reply.ok && ["disconnected", "timeout"].includes(reply.error.code);
    if (unknown) return; // sent again after the reconnect
    if (!reply.ok && reply.error.retry && entry.tries < 4) {
      entry.tries += 1;
      setTimeout(() => push(entry), reply.error.retry_after_ms ?? 600 * entry.tries);
      return;
    }
    open = open.filter((each) => each.key !== entry.key);
    keep();
    onSettled(entry, reply);
  }

  return {
    /** Starts an act; its outcome comes through `onSettled(entry, reply)`, once. */
    start(type, data, note = {}) {
      const entry = { slug, type, data, note, key: newKey(), since: Date.now(), tries: 0 };
      open = [...open, entry];
      keep();
      push(entry);
      return entry;
    },
    /** After every (re)connect. */
    resend() {
      for (const entry of open) push(entry);
    },
    get open() {
      return open;
    },
  };
}
