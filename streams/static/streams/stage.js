/**
 * The stage. Until a camera is on air it shows the pinned product in the light of the show's mood, and what the
 * room is waiting for: the start, the picture, the end of a break, or the next show. The picture itself lies over it
 * (video/room_picture.js).
 */

import { momentText } from "../js/moments.js";
import { away, every } from "./clock.js";
import { $, h, icon, say } from "./dom.js";
import { groundOf } from "./ground.js";

export function createStage(room) {
  const { store, config } = room;
  const root = $("#stage");
  const product = $(".stage__product", root);
  const notice = $(".stage__notice", root);
  let shown; // the source of the picture; undefined before the first look
  let described = null;
  let stop = () => {};

  function picture() {
    const { pinned, show, items } = store.state;
    const source = pinned?.picture ?? (show.state === "live" ? null : items[0]?.picture) ?? null;
    if (shown === source) return;
    shown = source;
    root.classList.toggle("is-bare", !source);
    const old = product.querySelectorAll("img");
    old.forEach((each) => each.classList.add("is-leaving"));
    setTimeout(() => old.forEach((each) => each.remove()), 400);
    if (!source) return;
    const image = h("img", { src: source, alt: pinned ? pinned.title : "", width: 800, height: 800, decoding: "async" });
    product.append(image);
    light(image);
  }

  /** The room takes the colour of the ground that the product was pictured on. */
  async function light(image) {
    await image.decode().catch(() => {});
    const ground = image.isConnected && image.getAttribute("src") === shown ? groundOf(image) : null;
    if (!ground) return;
    root.style.setProperty("--ground", ground.top);
    root.style.setProperty("--ground-mid", ground.mid);
    root.style.setProperty("--ground-foot", ground.foot);
  }

  function words() {
    const { show, pinned } = store.state;
    const host = show.host.name;
    const kind = show.state !== "live" ? show.state : (room.picture?.says ?? (show.host_away_since ? "away" : "live"));
    const key = `${kind}:${show.scheduled_for}:${Boolean(pinned)}`;
    if (described === key) return;
    described = key;
    stop();
    stop = () => {};
    notice.replaceChildren();
    notice.className = `stage__notice stage__notice--${kind}`;
    if (kind === "scheduled" || kind === "draft") coming(show, host);
    if (kind === "paused") {
      notice.append(h("h2", {}, "A short break"), h("p", {}, `${host} is back in a moment. Your cart and the prices stay as they are.`));
    }
    if (kind === "ended") {
      notice.append(
        h("h2", {}, "Thank you for watching"),
        ...(config.video?.replay_gone ? [h("p", {}, "The recording of this show is no longer kept.")] : []),
        h("p", {}, `${host}'s show is over. Everything in it can still be bought, at today's price.`),
        h("div", { class: "stage__acts" }, h("button", { type: "button", class: "button button-primary", onclick: room.openItems }, "See the items"), follow()),
      );
    }
    if (kind === "away") notice.append(icon("clock"), h("p", {}, `${host} is away for a moment. The show goes on as soon as the connection is back.`));
    if (kind === "coming") notice.append(h("span", { class: "stage__pulse", "aria-hidden": "true" }), h("p", { role: "status" }, `${host}'s picture is on its way.`));
    if (kind === "gone") notice.append(icon("camera"), h("p", { role: "status" }, "The picture is gone for a moment. The last picture stays; the room goes on."));
    if (kind === "blocked") notice.append(h("button", { type: "button", class: "button button--glass", onclick: room.picture.play }, icon("play"), "Play the picture"));
    if (kind === "live" && !pinned) notice.append(h("p", {}, `${host} is live. The first item appears here.`));
  }

  function coming(show, host) {
    const clock = h("p", { class: "stage__clock", role: "timer" });
    notice.append(h("h2", {}, show.title));
    if (show.scheduled_for) {
      notice.append(clock, h("p", {}, `${momentText(new Date(show.scheduled_for))}, with ${host}`));
      stop = every((now) => say(clock, show.scheduled_for > now ? away(show.scheduled_for - now) : "Any moment now"));
    } else {
      notice.append(h("p", {}, `With ${host}. The time is announced here.`));
    }
    notice.append(h("div", { class: "stage__acts" }, follow("Follow to be reminded")));
  }

  const follow = (label = "Follow the host") =>
    config.following ? null : h("button", { type: "button", class: "button button--glass", "data-follow": true, "data-label": label, onclick: room.follow }, label);

  return {
    render(changed) {
      if (!["show", "pinned", "items", "picture"].some((part) => changed.has(part))) return;
      const { show } = store.state;
      root.style.setProperty("--mood", show.mood);
      room.root.dataset.state = show.state;
      picture();
      words();
    },
  };
}
