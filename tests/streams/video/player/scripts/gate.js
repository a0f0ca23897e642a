async ({ late, instant }) => {
  const { createGate } = await import("/static/streams/video/gate.js");
  const { createStore } = await import("/static/streams/store.js");
  const price = (minor) => ({ minor, currency: "EUR" });
  const item = (number, left = 9) => ({ number, title: `Item ${number}`, picture: null, product: number, variant: null, left, rev: 1, shown: true, state: "on_air",
    variants: [{ id: number * 10, rev: 1, left, price: price(1000), deal: null, deal_left: null }] });
  const store = createStore();
  let now = 1_000_000;
  let seen = late;
  const gate = createGate({ store, now: () => now, wallTime: () => (seen === null ? null : now - seen), instant: () => instant });
  let seq = 0;
  const hear = (type, data, more = {}) => {
    const frame = { epoch: "e", events: [{ type, data, at: now, seq: (seq += 1), ...more }] };
    gate.heard(frame, store.apply(frame).changed);
  };
  const lines = [item(1), item(2), item(3)];
  hear("room.snapshot", { show: { state: "live", rev: 1 }, pinned: item(1), items: lines, deals: [], chat: [], requests: {}, counts: {} });
  const card = () => gate.store.state.pinned && { number: gate.store.state.pinned.number, left: gate.store.state.pinned.variants[0].left, price: gate.store.state.pinned.variants[0].price.minor, deals: gate.store.state.deals.length };
  const after = (ms) => { now += ms; gate.look(); return card(); };
  const out = { first: card() };
  hear("item.pinned", { item: item(2) }, { rev: 2 });
  out.store = store.state.pinned.number;
  out.pinned = card();
  hear("stock.changed", { variant: 10, left: 0 }, { rev: 5 });
  out.soldOut = card();
  out.almost = after(1900);
  out.reached = after(200);
  hear("deal.started", { deal: { id: 7, variant: 20, number: 2, price: price(800), was: price(1000), left: 4, rev: 1 } }, { rev: 1 });
  out.deal = card();
  out.dealInStore = store.state.pinned.variants[0].price.minor;
  out.dealReached = after(2100);
  hear("deal.ended", { deal: { id: 7, variant: 20, number: 2, price: price(800), was: price(1000), left: 0, rev: 2 } }, { rev: 2 });
  out.dealEnded = card();
  hear("item.pinned", { item: item(3) }, { rev: 3 });
  hear("item.unpinned", {}, { rev: 4 });
  out.two = card();
  seen = 60_000; // the picture has frozen
  out.frozen = after(4000);
  out.latest = after(1001);
  seen = null;
  hear("item.pinned", { item: item(1) }, { rev: 5 });
  out.without = card();
  out.waiting = gate.waiting;
  return out;
}
