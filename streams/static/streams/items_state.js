/** Pure helpers of the store: how a pinned item, its variants and the run of show follow from events. */

/** Units of a variant that somebody can buy now: free ones and those of its running deal. */
export const available = (variant) => variant.left + (variant.deal_left ?? 0);

const hasDeal = (variant) => variant.deal !== null && variant.deal !== undefined;

export function withDeal(item, deal) {
  const change = (each) => ({ ...each, price: deal.price, deal: deal.id, deal_left: deal.left, per_buyer: deal.per_buyer ?? null });
  return { ...item, variants: item.variants.map((each) => (each.id === deal.variant ? change(each) : each)) };
}

export function withoutDeal(item, deal) {
  const change = (each) => ({ ...each, price: deal.was, deal: null, deal_left: null, per_buyer: null });
  return { ...item, variants: item.variants.map((each) => (each.deal === deal.id ? change(each) : each)) };
}

/** A variant with the newest word about its stock; a deal's units count only while it has a deal. */
const stocked = (variant, { left, rev, deal_left }) => ({
  ...variant,
  left,
  rev,
  deal_left: hasDeal(variant) ? (deal_left ?? variant.deal_left) : null,
});

export const withStock = (item, id, fresh) => ({ ...item, variants: item.variants.map((each) => (each.id === id ? stocked(each, fresh) : each)) });

/**
 * An item detail with what is known to be newer, since a detail is read a moment before it arrives.
 * @param known {stock: variant -> {rev, left, deal_left}, items: soldBy -> {rev, left}, ended: deal -> DealValue}
 * @param deals the running deals
 */
export function reconcile(item, known, deals) {
  const variants = item.variants.map((each) => {
    const fresh = known.stock.get(each.id);
    if (fresh && fresh.rev > each.rev) return stocked(each, fresh);
    known.stock.set(each.id, { rev: each.rev, left: each.left, deal_left: each.deal_left ?? null });
    return each;
  });
  let result = { ...item, ...countOf(item, known), variants };
  for (const variant of variants) {
    const running = deals.find((deal) => deal.variant === variant.id);
    if (running && running.id !== variant.deal) result = withDeal(result, running);
    else if (hasDeal(variant) && known.ended.has(variant.deal)) result = withoutDeal(result, known.ended.get(variant.deal));
  }
  return result;
}

/** What an item sells: a product, or one variant of it. Two numbers may sell the same. */
export const soldBy = ({ product, variant }) => `${product}:${variant ?? ""}`;

/** What is left of an item, by the newest word about it: `{left, rev}`. */
export function countOf(item, known) {
  const fresh = known.items.get(soldBy(item));
  if (fresh && fresh.rev > (item.rev ?? 0)) return { left: fresh.left, rev: fresh.rev };
  known.items.set(soldBy(item), { left: item.left, rev: item.rev ?? 0 });
  return { left: item.left, rev: item.rev ?? 0 };
}

/** The line of the run of show that a pinned item stands for. */
export function summarise(line, item) {
  const result = { ...line };
  for (const field of Object.keys(line)) if (field in item) result[field] = item[field];
  return result;
}

/** The states of the run of show: sold out, on air, shown, next (the first of the rest), waiting. */
export function withStates(items, onAir) {
  let next = true;
  return items.map((each) => {
    let state = "waiting";
    if (each.left === 0) state = "sold_out";
    else if (each.number === onAir) state = "on_air";
    else if (each.shown) state = "shown";
    else if (next) {
      state = "next";
      next = false;
    }
    return state === each.state ? each : { ...each, state };
  });
}
