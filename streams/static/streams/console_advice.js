/** One line above the controls: what is most worth doing next. */

import { now } from "./clock.js";
import { $, h, plural } from "./dom.js";

const MANY = 3;

export function createAdvice(room) {
  const { store } = room;
  const place = $("#advice");
  let said = "";

  /** `{words, act?: {label, run}}`: the first rule that holds. */
  function next() {
    const { show, items, pinned, requests, deals, counts } = store.state;
    const title = (number) => items.find((each) => each.number === number)?.title ?? "";
    const coming = items.find((each) => each.state === "next");
    if (show.state === "ended") return { words: "The show is over. Thank you." };
    if (!items.length) return { words: "Choose what to sell first.", act: { label: "Run of show", href: `/studio/${show.slug}/` } };
    if (!room.isOpen()) return { words: `${plural(items.length, "item is", "items are")} ready. Go live when you are.` };
    if (show.state === "paused") return { words: "On a break. Viewers see a calm card." };
    if (!pinned) return coming ? { words: `Pin the first thing you talk about: ${coming.number} · ${coming.title}.` } : { words: "Everything was shown. Pin something again, or end the show." };
    const [wanted] = Object.entries(requests)
      .map(([number, total]) => ({ number: Number(number), total }))
      .filter(({ number, total }) => number !== pinned.number && total >= MANY && title(number))
      .sort((one, other) => other.total - one.total);
    if (pinned.left === 0) return { words: `${pinned.title} is sold out.${coming ? ` Next is ${coming.number} · ${coming.title}.` : ""}` };
    if (wanted) return { words: `${wanted.total} people ask for ${wanted.number} · ${title(wanted.number)}.`, act: { label: "Pin it", run: () => room.pin(wanted.number) } };
    const planned = room.plan.get(pinned.number)?.planned_seconds;
    const spent = (room.numbers.onAir().get(pinned.number) ?? 0) / 1000;
    if (planned && spent > planned && coming) return { words: `On air for longer than planned. Next is ${coming.number} · ${coming.title}.` };
    const ending = deals.find((deal) => deal.ends_at && deal.ends_at - now() < 15_000);
    if (ending) return { words: `The deal ends in a moment: ${ending.left} of ${ending.units} left.` };
    if (deals.length) return { words: `Deal on air: ${deals[0].left} of ${deals[0].units} left.` };
    if (pinned.left <= 5) return { words: `Only ${pinned.left} left of ${pinned.title}: say so.` };
    const rate = room.numbers.latest?.orders_per_minute.at(-2) ?? 0;
    if (room.isHost && counts.people + counts.simulated > 4 && rate === 0 && spent > 45) return { words: "It is quiet. A deal or a question to the room may help." };
    return { words: coming ? `Next: ${coming.number} · ${coming.title}.` : "This is the last item." };
  }

  return {
    render() {
      const { words, act } = next();
      const key = `${words}|${act?.label ?? ""}`;
      if (key === said) return;
      said = key;
      place.replaceChildren(h("span", {}, words));
      if (act?.href) place.append(h("a", { class: "button button-small", href: act.href }, act.label));
      else if (act && room.isHost) place.append(h("button", { type: "button", class: "button button-small", onclick: act.run }, act.label));
    },
  };
}
