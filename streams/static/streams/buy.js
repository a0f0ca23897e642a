/**
 * Buying in a sheet over the running picture. First tap: the card's button opens it with everything chosen.
 * Second tap: `Buy now`. The outcome is shown in the same sheet and folds into the order chip.
 */

import { get } from "./api.js";
import { createForm } from "./buy_form.js";
import { orderView, reasonView, sendingView } from "./buy_result.js";
import { available } from "./items_state.js";
import { SETTLED } from "./protocol.js";
import { createSheet } from "./sheet.js";
import { toast } from "./toast.js";

export function createBuy(room) {
  const { store } = room;
  const sheet = createSheet({ label: "Buy", className: "sheet--buy", onClose: () => (form = null) });
  let choice = null; // {item, variant (id), quantity}
  let form = null;
  let waitingFor = null; // key of the purchase whose outcome this sheet shows
  let order = null; // id of the order on show

  const variant = () => choice.item.variants.find((each) => each.id === choice.variant) ?? choice.item.variants[0];

  function show(view) {
    form = null;
    sheet.body.replaceChildren(...view.body);
    sheet.foot.replaceChildren(...view.foot);
    sheet.body.scrollTop = 0;
    const main = sheet.foot.querySelector(".button-primary");
    if (main) main.focus({ preventScroll: true });
    else sheet.focusTitle();
  }

  /** @param wish {variant?, quantity?}: else the first variant that can be had */
  function open(item, wish = {}) {
    const first = item.variants.find((each) => each.deal && available(each) > 0) ?? item.variants.find((each) => available(each) > 0) ?? item.variants[0];
    const wished = item.variants.find((each) => each.id === wish.variant);
    choice = { item, variant: (wished ?? first).id, quantity: wish.quantity ?? 1 };
    order = null;
    waitingFor = null;
    choose();
    sheet.open();
  }

  function choose() {
    sheet.setLabel(choice.item.title);
    form = createForm(room, choice, { buy, addToCart });
    sheet.body.replaceChildren(form.element);
    sheet.foot.replaceChildren(...form.acts);
    sheet.body.scrollTop = 0;
  }

  function buy() {
    if (!room.known(`buy:${variant().id}:${choice.quantity}`)) return;
    const { id, price, title } = variant();
    const note = { title: choice.item.title, variant: title, currency: price.currency };
    const entry = room.purchases.start("buy", { variant: id, quantity: choice.quantity, seen_price: price.minor }, note);
    waitingFor = entry.key;
    show(sendingView(room, entry));
  }

  function addToCart() {
    if (!room.known(`buy:${variant().id}:${choice.quantity}`)) return;
    room.purchases.start("cart.add", { variant: variant().id, quantity: choice.quantity }, { title: choice.item.title });
    sheet.close();
  }

  /** The room has answered a purchase: this one, or one that was still open from before a reconnect. */
  function settled(entry, reply) {
    if (entry.type === "cart.add") {
      if (reply.ok) toast(`${entry.note.title} is in your cart.`, { tone: "good", action: { label: "See cart", run: room.openCart } });
      else toast(reply.error.message, { tone: "bad" });
      return;
    }
    const mine = sheet.isOpen && waitingFor === entry.key;
    if (reply.ok) {
      if (mine) showOrder(reply.data.order);
      else toast(`Your order of ${entry.note.title} has been placed.`, { tone: "good", action: { label: "See order", href: `/orders/${reply.data.order}/` } });
      return;
    }
    if (mine) refused(reply.error);
    else toast(`${entry.note.title}: ${reply.error.message}`, { tone: "bad", seconds: 8 });
  }

  function refused(error) {
    if (error.code === "login_required") {
      room.known(`buy:${variant().id}:${choice.quantity}`, { force: true });
      return;
    }
    if (error.code === "address_needed" || error.code === "card_needed") {
      choose();
      form.needs(error.code === "address_needed" ? "address" : "card", error.message);
      return;
    }
    const line = error.data?.lines?.[0];
    if (error.code === "price_changed" && line) {
      const price = typeof line.price === "object" ? line.price : { minor: line.price, currency: line.currency };
      setPrice(price);
      show(reasonView(room, { error, choice, variant: variant(), price, buy, choose }));
      return;
    }
    show(reasonView(room, { error, choice, variant: variant(), left: line?.left, buy, choose, pick }));
  }

  /** The room's own event may be a moment away; the answer already says what it costs now. */
  function setPrice(price) {
    const variants = choice.item.variants.map((each) => (each.id === choice.variant ? { ...each, price } : each));
    choice.item = { ...choice.item, variants };
  }

  function pick(wish) {
    Object.assign(choice, wish);
    choose();
  }

  function showOrder(id) {
    order = id;
    drawn = null;
    drawOrder();
    if (!sheet.isOpen) sheet.open();
  }

  let drawn = null;
  function drawOrder() {
    const value = store.state.me?.orders.find((each) => each.order === order);
    const look = value ? `${value.status}:${value.payment}:${value.action}` : "unknown";
    if (look === drawn) return;
    drawn = look;
    sheet.setLabel(value && (SETTLED.has(value.status) || value.payment !== "started") ? "Your order" : "Placing your order");
    show(orderView(room, value, { close: sheet.close, order }));
    if (!value) lookUp();
  }

  /** The answer came before the order's own event, or the event was lost: the API knows. */
  async function lookUp() {
    const id = order;
    const reply = await get(`/orders/${id}`);
    if (reply.ok) room.apply({ epoch: store.state.epoch, events: [{ type: "order.updated", data: { order: reply.data } }] });
  }

  return {
    open,
    settled,
    showOrder,
    close: sheet.close,
    get isOpen() {
      return sheet.isOpen;
    },
    render(changed) {
      if (!sheet.isOpen) return;
      if (order) {
        if (changed.has("orders")) drawOrder();
        return;
      }
      if (!form || !["pinned", "stock", "deals", "me", "show"].some((part) => changed.has(part))) return;
      const { pinned } = store.state;
      choice.item = pinned?.number === choice.item.number ? pinned : store.refresh(choice.item);
      form.update();
    },
  };
}
