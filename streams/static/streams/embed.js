/** A show on another site: its picture, what is on air, and a way into the room. As a guest, always. */

import { createCaptions } from "./captions.js";
import { away, every, learn, now } from "./clock.js";
import { $, h, perFrame, say, set } from "./dom.js";
import { createCard } from "./embed_card.js";
import { createFilm } from "./embed_film.js";
import { momentText } from "../js/moments.js";
import { openRoom } from "./socket.js";
import { createStore } from "./store.js";
import { createGate } from "./video/gate.js";
import { createPlayer } from "./video/player.js";

const STATES = { live: "LIVE", paused: "Break", scheduled: "Coming up", ended: "Replay", draft: "Coming up" };

const config = JSON.parse($("#embed-config").textContent);
const root = $("#embed");
const stage = $("#stage");
const store = createStore();
const pending = new Set();
let player = null;
let film = null;

const wallTime = () => (player?.state.phase === "live" ? player.wallTime() : null);
const captions = createCaptions({ store }, { beside: stage, wallTime, video: () => player?.video ?? null });
const gate = createGate({ store, wallTime, now, onPresent: changed });
const card = createCard(gate.store, { roomUrl: config.room_url });
const isOn = () => ["live", "paused"].includes(store.state.show.state);

const draw = perFrame(() => {
  const parts = new Set(pending);
  pending.clear();
  if (parts.has("show")) frame();
  if (parts.has("pinned")) still();
  card.render(parts);
  captions.render(parts);
});

function changed(parts) {
  for (const part of parts) pending.add(part);
  if (parts.size) draw();
}

function apply(told) {
  for (const event of told.events ?? []) if (event.at) learn(event.at);
  const news = store.apply(told);
  gate.heard(told, news.changed);
  changed(news.changed);
  return news.gap;
}

// ---- the picture

function still() {
  const source = gate.store.state.pinned?.picture ?? store.state.items[0]?.picture ?? null;
  const image = $("#still");
  image.hidden = !source;
  if (source && image.getAttribute("src") !== source) image.src = source;
}

/** Whether the picture lies or stands decides where the card goes. */
function shape(video) {
  const tell = () => (root.dataset.shape = video.videoWidth ? (video.videoWidth >= video.videoHeight ? "wide" : "tall") : "none");
  video.addEventListener("resize", tell);
  video.addEventListener("loadedmetadata", tell);
  tell();
}

function acts(video) {
  const sound = $("#sound");
  const tell = () => {
    const heard = !video.muted && video.volume > 0;
    set(sound, "aria-pressed", String(heard));
    $("use", sound).setAttribute("href", `/static/icons.svg#${heard ? "volume" : "volume-off"}`);
  };
  sound.hidden = false;
  sound.onclick = () => {
    video.muted = !video.muted;
    if (!video.muted) video.play().catch(() => {});
  };
  video.addEventListener("volumechange", tell);
  tell();
  const full = $("#full");
  full.hidden = !document.fullscreenEnabled;
  full.onclick = () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen());
  const words = $("#words");
  words.hidden = false;
  set(words, "aria-pressed", String(captions.on));
  words.onclick = () => set(words, "aria-pressed", String(captions.toggle()));
}

function watch() {
  if (player) return;
  player = createPlayer(stage, {
    slug: config.slug,
    onState: ({ shown, phase }) => {
      root.classList.toggle("has-picture", shown && phase !== "ended");
      if (phase === "gone" || phase === "live") notice();
    },
  });
  shape(player.video);
  acts(player.video);
}

async function replay() {
  if (film || !config.replay) return;
  film = await createFilm(stage, config.slug, { onItem: (number) => card.show(store.state.items.find((each) => each.number === number)) });
  if (!film) return;
  root.classList.add("has-picture", "has-film");
  shape(film.video);
  notice();
}

// ---- words

let stopClock = () => {};

function notice() {
  const { show } = store.state;
  const place = $("#notice");
  stopClock();
  const open = (label) => h("a", { class: "button button-primary", href: config.room_url, target: "_blank", rel: "noopener" }, label);
  let words = [];
  if (show.state === "scheduled" || show.state === "draft") {
    const clock = h("p", { class: "embed__clock", role: "timer" });
    words = [h("h1", {}, show.title), show.scheduled_for && clock, show.scheduled_for ? h("p", {}, `${momentText(new Date(show.scheduled_for))}, with ${show.host.name}`) : h("p", {}, `With ${show.host.name}. The time is announced here.`), open("Be reminded")];
    if (show.scheduled_for) stopClock = every((now) => say(clock, show.scheduled_for > now ? away(show.scheduled_for - now) : "Any moment now"));
  } else if (show.state === "paused") {
    words = [h("h1", {}, "A short break"), h("p", {}, `${show.host.name} is back in a moment.`)];
  } else if (show.state === "ended" && !film) {
    words = [h("h1", {}, "The show is over"), h("p", {}, "Everything in it can still be bought, at today's price."), open("See the items")];
  } else if (player?.state.phase === "gone") {
    words = [h("p", { class: "embed__gone" }, "The picture is gone for a moment. It comes back by itself.")];
  }
  place.replaceChildren(...words.filter(Boolean));
  place.hidden = !words.length;
}

function frame() {
  const { show } = store.state;
  root.dataset.state = show.state;
  say($("#title"), show.title);
  const badge = $("#state");
  say(badge, show.state === "ended" && !config.replay ? "Over" : STATES[show.state]);
  badge.className = `badge ${show.state === "live" ? "badge-live" : "badge-glass"}`;
  if (isOn()) watch();
  if (show.state === "ended") {
    player?.destroy();
    player = null;
    root.classList.remove("has-picture");
    for (const id of ["sound", "full", "words"]) $(`#${id}`).hidden = true;
    replay();
  }
  notice();
}

apply({ epoch: null, events: [{ type: "room.snapshot", at: config.now, data: config.snapshot }] });
if (store.state.show.state !== "ended") {
  openRoom(config.slug, {
    since: () => (store.state.epoch ? `${store.state.epoch}:${store.state.seq}` : null),
    crowd: () => store.state.counts.people + store.state.counts.simulated,
    onFrame: (told) => (apply(told) ? "resume" : undefined),
    onState: ({ state }) => root.classList.toggle("is-offline", state === "offline" || state === "waiting"),
  });
}
