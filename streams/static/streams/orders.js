/** The order chip: what a purchase folds into, so that it is in sight until it is settled. */

import { $, h, icon } from "./dom.js";
import { inWords } from "./money.js";

const LOOKS = {
  waiting: (order) => ["Paying", inWords(order.total)],
  action: () => ["Confirm your payment", ""],
  declined: () => ["Card declined", "choose another"],
  paid: (order) => ["Paid", inWords(order.total)],
};

function lookOf(order) {
  if (order.status === "pending") {
    if (order.payment === "requires_action") return "action";
    return order.payment === "declined" ? "declined" : "waiting";
  }
  return order.status === "paid" ? "paid" : null;
}

export function createOrders(room) {
  const place = $("#order-chip");
  const folded = new Set(); // paid orders that were seen or dismissed
  let drawn = "";

  function render(changed) {
    if (!changed.has("orders")) return;
    const { me, show } = room.store.state;
    const open = (me?.orders ?? []).filter((each) => (!each.channel || each.channel === show?.slug) && lookOf(each) && !folded.has(each.order));
    if (changed.has("me")) open.filter((each) => each.status === "paid").forEach((each) => folded.add(each.order));
    const order = open.filter((each) => !folded.has(each.order)).sort((one, other) => other.placed_at - one.placed_at)[0];
    const look = order ? lookOf(order) : null;
    const key = order ? `${order.order}:${look}` : "";
    if (key === drawn) return;
    drawn = key;
    room.root.classList.toggle("has-chip", Boolean(order));
    if (!order) {
      place.replaceChildren();
      return;
    }
    const [title, detail] = LOOKS[look](order);
    place.replaceChildren(
      h(
        "button",
        { type: "button", class: `orderchip orderchip--${look}`, onclick: () => room.showOrder(order.order) },
        look === "waiting" ? h("span", { class: "spinner", "aria-hidden": "true" }) : icon({ paid: "check", action: "shield", declined: "card" }[look]),
        h("b", {}, title),
        detail && h("span", {}, detail),
      ),
    );
    if (look === "paid") setTimeout(() => fold(order.order), 30_000);
  }

  function fold(id) {
    folded.add(id);
    render(new Set(["orders"]));
  }

  return { render };
}
