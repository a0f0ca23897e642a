/** Under the picture of a replay: play, where it is, the chapters, the speed. Also by keyboard. */

import { $, h, icon, say } from "./dom.js";
import { picture } from "./price.js";
import { chapterAt, duration, face } from "./replay_film.js";
import { choices } from "./video/choices.js";

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const STEP = 5;
const JUMP = 10;

/**
 * @param film   replay_film.js
 * @param acts   {seek(position), share(), full()}
 * @returns {element, update(), moved(), toggle(), mute(), faster(by), by(seconds)}
 */
export function createBar({ video, film, acts }) {
  const play = h("button", { type: "button", class: "bar__button", "aria-label": "Play", onclick: toggle }, icon("play"));
  const sound = h("button", { type: "button", class: "bar__button", onclick: mute }, icon("volume"));
  const time = h("span", { class: "bar__time figures" });
  const title = h("span", { class: "bar__chapter one-line" });
  const speed = h("select", { class: "bar__speed figures", "aria-label": "Speed", onchange: () => setSpeed(Number(speed.value)) }, ...SPEEDS.map((each) => h("option", { value: each, selected: each === 1 }, `${each}×`)));
  const slider = h("input", { type: "range", class: "bar__slider", min: 0, max: film.seconds, step: "any", value: 0, "aria-label": "Position" });
  const done = h("span", { class: "bar__done" });
  const ready = h("span", { class: "bar__ready" });
  const label = h("div", { class: "bar__label", hidden: true });
  const seek = h("div", { class: "bar__seek" }, h("div", { class: "bar__track", "aria-hidden": "true" }, ready, done, ...film.chapters.filter((each) => each.t > 0.5).map(tick), ...film.gaps.map(hole)), slider, label);
  const element = h(
    "section",
    { class: "bar on-picture", id: "replay-bar", "aria-label": "Replay" },
    seek,
    h(
      "div",
      { class: "bar__row" },
      play,
      time,
      title,
      speed,
      sound,
      h("button", { type: "button", class: "bar__button", "aria-label": "Share this moment", title: "Share this moment", onclick: acts.share }, icon("share")),
      h("button", { type: "button", class: "bar__button", "aria-label": "Full screen", title: "Full screen", onclick: acts.full }, icon("full")),
    ),
  );
  let dragging = false;

  function place(position) {
    return `${(100 * position) / film.seconds}%`;
  }
  function tick(chapter) {
    return h("span", { class: "bar__tick", style: { "--at": place(chapter.t) } });
  }
  function hole(gap) {
    return h("span", { class: "bar__hole", style: { "--at": place(gap.at) } });
  }

  function toggle() {
    if (video.ended) acts.seek(0);
    if (video.paused || video.ended) video.play().catch(() => {});
    else video.pause();
  }
  function mute() {
    video.muted = !video.muted;
    choices.wantsSound = !video.muted;
  }
  function setSpeed(rate) {
    video.playbackRate = video.defaultPlaybackRate = rate;
  }
  const faster = (by) => setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(video.playbackRate) + by))] ?? 1);
  const by = (seconds) => acts.seek(video.currentTime + seconds);

  // ---- the slider: a drag shows where it would go, and goes there at once

  const position = () => Number(slider.value);
  slider.addEventListener("input", () => {
    dragging = true;
    acts.seek(position());
    tell(position());
  });
  slider.addEventListener("change", () => {
    dragging = false;
    label.hidden = !slider.matches(":hover, :focus-visible");
  });
  slider.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -60, PageUp: 60 }[event.key];
    if (event.key === " ") toggle();
    else if (step) by(step);
    else return;
    event.preventDefault();
  });
  seek.addEventListener("pointermove", (event) => {
    const box = slider.getBoundingClientRect();
    tell(film.seconds * Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)));
  });
  seek.addEventListener("pointerleave", () => (label.hidden = true));
  slider.addEventListener("focus", () => slider.matches(":focus-visible") && tell(video.currentTime));
  slider.addEventListener("blur", () => (label.hidden = true));

  let labelled = null;
  /** What is at a position: its product and its time. */
  function tell(at) {
    const chapter = chapterAt(film, at);
    const gap = film.gaps.find((each) => Math.abs(each.at - at) < film.seconds / 150);
    const key = gap ? `gap ${gap.at}` : (chapter?.t ?? "none");
    if (labelled !== key || !label.firstChild) {
      labelled = key;
      const words = h("span", { class: "bar__words" }, gap ? h("span", {}, `${duration(gap.seconds)} without a picture, left out`) : chapter ? h("span", { class: "one-line" }, `${chapter.number} · ${chapter.title}`) : null, h("span", { class: "bar__at figures" }));
      label.replaceChildren(...(chapter && !gap ? [picture(chapter.picture, 48)] : []), words);
    }
    say($(".bar__at", label), face(at));
    label.hidden = false;
    label.style.setProperty("--at", place(at));
  }

  // ---- what is shown

  /** The position changed. */
  function moved() {
    const at = video.currentTime;
    if (!dragging) slider.value = String(at);
    slider.setAttribute("aria-valuetext", `${face(at)} of ${face(film.seconds)}${chapterAt(film, at) ? `, ${chapterAt(film, at).title}` : ""}`);
    done.style.setProperty("--at", place(at));
    say(time, `${face(at)} / ${face(film.seconds)}`);
    const chapter = chapterAt(film, at);
    say(title, chapter ? `${chapter.number} · ${chapter.title}` : "");
    const { buffered } = video;
    for (let each = 0; each < buffered.length; each += 1) if (buffered.start(each) <= at + 0.1) ready.style.setProperty("--at", place(buffered.end(each)));
    if (!label.hidden && slider.matches(":focus-visible")) tell(at);
  }

  /** Playing, sound or speed changed. */
  function update() {
    const still = video.paused || video.ended;
    play.replaceChildren(icon(video.ended ? "refresh" : still ? "play" : "pause"));
    play.setAttribute("aria-label", video.ended ? "Watch again" : still ? "Play" : "Pause");
    sound.replaceChildren(icon(video.muted ? "volume-off" : "volume"));
    sound.setAttribute("aria-label", video.muted ? "Sound on" : "Mute");
    speed.value = String(video.playbackRate);
  }

  update();
  moved();
  return { element, update, moved, toggle, mute, faster, by };
}

/** The keys of a replay, as createKeys takes them. @param bar () -> what createBar made, or null before that */
export const keysOf = (bar, seek) => [
  { key: " ", label: "Play or pause (also K)", run: () => bar()?.toggle() },
  { key: "j", label: `${JUMP} seconds back (← ${STEP})`, run: () => bar()?.by(-JUMP) },
  { key: "l", label: `${JUMP} seconds on (→ ${STEP})`, run: () => bar()?.by(JUMP) },
  { key: ",", label: "Slower", run: () => bar()?.faster(-1) },
  { key: ".", label: "Faster", run: () => bar()?.faster(1) },
  { key: "0–9", label: "Go to that tenth of the show", run: () => {} },
  { key: "m", label: "Sound on or off", run: () => bar()?.mute() },
  { key: "k", hidden: true, run: () => bar()?.toggle() },
  { key: "arrowleft", hidden: true, run: () => bar()?.by(-STEP) },
  { key: "arrowright", hidden: true, run: () => bar()?.by(STEP) },
  ...Array.from({ length: 10 }, (_, tenth) => ({ key: String(tenth), hidden: true, run: () => seek(tenth / 10) })),
];
