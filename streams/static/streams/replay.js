/**
 * The page of a show that is over and was recorded: its film, and its room in step with it. What is shown (chat, what is
 * on air) is of then, in a store of its own; what is bought, and everything about the person, is of today.
 */

import { momentText } from "../js/moments.js";
import { get } from "./api.js";
import { createCaptions } from "./captions.js";
import { createChat } from "./chat.js";
import { $, h, icon, perFrame, say } from "./dom.js";
import { createBar, keysOf } from "./replay_bar.js";
import { createReplayCard } from "./replay_card.js";
import { duration, face, gapAt, parsePosition, positionOf, unfold, wallOf } from "./replay_film.js";
import { createHistory } from "./replay_history.js";
import { createMoments } from "./replay_moments.js";
import { createStore } from "./store.js";
import { toast } from "./toast.js";
import { choices } from "./video/choices.js";
import { createRecording, isPlayable } from "./video/recording.js";

const SETTLED = 150; // ms after the last jump until the room follows
const NEAR = 2; // seconds that are gone through and not jumped over
const MUTED = "livestore.muted";
const GONE = "The recording of this show is no longer kept.";

/** @param room the page's own: of today. Returns {view, keys}, as the page draws and listens. */
export function createReplay(room) {
  const { config } = room;
  const media = `/media/shows/${encodeURIComponent(config.slug)}/`;
  const wanted = new URLSearchParams(location.search);
  const then = createStore();
  const shown = Object.create(room, { store: { value: then }, canModerate: { value: false } });
  const chat = createChat(shown);
  const card = createReplayCard(room, then);
  const captions = createCaptions(shown, { wallTime: () => (film ? wallOf(film, video.currentTime) : null), video: () => video, latest: Infinity });
  const note = h("p", { class: "replay__note", role: "status" });
  const video = h("video", { class: "replay__film", playsinline: true, preload: "auto", "aria-label": `Replay of ${config.snapshot.show.title}` });
  const big = h("button", { type: "button", class: "replay__play", "aria-label": "Play the replay", onclick: () => bar?.toggle() }, icon("play"));
  const keys = [...keysOf(() => bar, (tenth) => film && seek(film.seconds * tenth)), { key: "b", label: "Buy what is shown, at today's price", run: card.buy }];
  const closed = h("p", { class: "replay__closed" }, "A replay: the chat can be read, not written in.");
  let film = null;
  let bar = null;
  let moments = null;
  let history = null;
  let last = null; // the position that the room was told; null while it is on its way to another one
  let settling = null;

  const changed = new Set();
  const draw = perFrame(() => {
    const parts = new Set(changed);
    changed.clear();
    chat.render(parts);
    card.render(parts);
    captions.render(parts);
  });
  const tell = (parts) => {
    for (const part of parts ?? []) changed.add(part);
    if (changed.size) draw();
  };

  room.root.dataset.replay = "";
  $("#stage").append(h("div", { class: "replay__frame" }, video), big);
  $("#composer").after(closed);
  room.root.append(note);
  const { started_at: started } = config.snapshot.show;
  $(".top__facts").append(h("span", { class: "replay__when" }, started ? `Was live ${momentText(new Date(started)).replace(/^(Today|Yesterday)/, (day) => day.toLowerCase())}` : ""));

  // ---- the film

  async function begin() {
    const response = await fetch(`${media}replay.json`);
    if (response.status === 410) throw Object.assign(new Error(GONE), { gone: true });
    if (!response.ok) throw new Error("The replay did not come. Please load the page again.");
    film = unfold(await response.json(), new URL(media, location.href));
    const from = clamp(parsePosition(wanted.get("t")) ?? (wanted.has("at") ? positionOf(film, Number(wanted.get("at"))) : 0));
    bar = createBar({ video, film, acts: { seek, share, full } });
    room.root.append(bar.element);
    moments = createMoments(room, { film, video, seek });
    moments.render();
    video.volume = choices.volume;
    try {
      video.muted = localStorage.getItem(MUTED) === "true";
    } catch {
      // a browser that keeps nothing
    }
    listen();
    if (isPlayable(film)) createRecording(video, film, { from, onTrouble: (sentence) => say(note, sentence ?? "") });
    else video.src = `${media}replay.m3u8`;
    if (from) video.currentTime = from;
    history = createHistory({ get: ask, store: then });
    await history.load();
    await follow();
  }

  async function ask(path, query) {
    const reply = await get(`/shows/${encodeURIComponent(config.slug)}/replay/${path}?${new URLSearchParams(query)}`);
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.data;
  }

  const clamp = (position) => Math.max(0, Math.min(position, film.seconds - 0.1));

  function seek(position) {
    video.currentTime = clamp(position);
  }

  function listen() {
    for (const type of ["play", "pause", "ended", "volumechange", "ratechange"]) video.addEventListener(type, stands);
    video.addEventListener("seeking", jumped); // before the room is told of the new position
    for (const type of ["timeupdate", "seeking", "progress"]) video.addEventListener(type, moved);
    for (const type of ["waiting", "playing", "seeked", "canplay"]) video.addEventListener(type, waits);
    video.addEventListener("pause", address);
    video.addEventListener("click", bar.toggle);
    stands();
  }

  function stands() {
    bar.update();
    room.root.classList.toggle("is-playing", !video.paused && !video.ended);
    room.root.classList.toggle("is-over", video.ended);
    big.replaceChildren(icon(video.ended ? "refresh" : "play"));
    big.setAttribute("aria-label", video.ended ? "Watch again" : "Play the replay");
  }

  const waits = () => room.root.classList.toggle("is-waiting", video.readyState < 3 && !video.paused && !video.ended);

  function moved() {
    bar.moved();
    moments.moved();
    const gap = gapAt(film, video.currentTime);
    say(note, gap && !video.paused ? `No picture for ${duration(gap.seconds)} here` : note.textContent.startsWith("No picture") ? "" : note.textContent);
    if (last === null) return;
    last = video.currentTime;
    tell(history.advance(wallOf(film, last)));
  }

  // ---- the room follows the film

  function jumped() {
    const { currentTime } = video;
    if (!history || (last !== null && currentTime >= last && currentTime - last < NEAR)) return;
    last = null; // nothing is told until the room is there
    clearTimeout(settling);
    settling = setTimeout(follow, SETTLED);
  }

  async function follow() {
    settling = null;
    const at = video.currentTime;
    last = null;
    try {
      const parts = await history.seek(wallOf(film, at));
      if (!parts) return; // overtaken by a later jump
      last = at;
      tell(parts);
      address();
    } catch {
      settling ??= setTimeout(follow, 3_000);
    }
  }

  // ---- addresses

  const here = () => `${location.pathname}${video.currentTime >= 1 ? `?t=${Math.floor(video.currentTime)}` : ""}`;
  function address() {
    window.history.replaceState(null, "", here());
  }
  // Who logs in comes back to the same moment.
  const login = room.loginPath;
  room.loginPath = (act = "") => {
    const path = here();
    if (!path.includes("?")) return login(act);
    return `/login/?next=${encodeURIComponent(path + (act ? `&act=${encodeURIComponent(act)}` : ""))}`;
  };

  async function share() {
    const url = location.origin + here();
    const words = `The address of this moment, ${face(video.currentTime)}, is copied.`;
    if (navigator.share) await navigator.share({ title: config.snapshot.show.title, url }).catch(() => {});
    else if (navigator.clipboard) await navigator.clipboard.writeText(url).then(() => toast(words), () => toast(url, { seconds: 12 }));
    else toast(url, { seconds: 12 });
  }

  const full = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.());

  begin().catch((error) => {
    say(note, error.gone ? GONE : error.message);
    if (error.gone) room.root.removeAttribute("data-replay");
  });

  return {
    keys,
    captions,
    /** Draws what is of today and looks different in a replay. */
    view: {
      render(parts) {
        if (parts.has("show")) say($("#state-badge"), "Replay");
        moments?.render();
      },
    },
  };
}
