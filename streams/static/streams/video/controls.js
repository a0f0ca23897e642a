/**
 * The row of buttons over a picture: sound, picture in picture, full screen, and the menu. They show themselves to a
 * pointer that moves, a tap, or the keyboard's focus, and go again; the one for sound stays while there is none.
 */

import { h, icon, say, svg } from "../dom.js";
import { createMenu } from "./menu.js";

const STAY = 3_000;

/** Two rectangles, one in the other: the sprite has no such icon. */
const small = () =>
  svg("svg", { class: "icon icon-24", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("rect", { x: 3.5, y: 5, width: 17, height: 14, rx: 2 }), svg("rect", { x: 12, y: 11.5, width: 6, height: 5, rx: 1, fill: "currentColor", stroke: "none" }));

/**
 * @param surface what is tapped or pointed at to see the buttons
 * @param captions {on, toggle} or undefined
 */
export function createControls({ surface, player, sound, gate, captions }) {
  const { video } = player;
  const round = (label, look, act) => h("button", { type: "button", class: "film__button", "aria-label": label, title: label, onclick: act }, look);
  const words = h("span", { class: "film__words" });
  const mute = h("button", { type: "button", class: "film__button film__sound", onclick: sound.toggle }, icon("volume-off", "icon-24"), words);
  const volume = h("input", { type: "range", class: "film__volume", min: 0, max: 1, step: 0.05, "aria-label": "Volume" });
  volume.addEventListener("input", () => sound.setVolume(Number(volume.value)));
  const inPicture = document.pictureInPictureEnabled && !video.disablePictureInPicture ? round("Picture in picture", small(), togglePicture) : null;
  const full = document.fullscreenEnabled ? round("Full screen", icon("full", "icon-24"), toggleFull) : null;
  const menu = createMenu({ player, gate, captions });
  const more = round("Picture settings", icon("dots", "icon-24"), () => menu.toggle());
  more.setAttribute("aria-expanded", "false");
  more.setAttribute("aria-controls", menu.element.id);
  const root = h("div", { class: "film on-picture", role: "group", "aria-label": "Picture controls", hidden: true }, h("div", { class: "film__row" }, h("div", { class: "film__loud" }, mute, volume), inPicture, full, more), menu.element);
  let timer = null;

  function awake() {
    root.classList.add("is-awake");
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (menu.isOpen || root.matches(":focus-within") || root.matches(":hover")) awake();
      else root.classList.remove("is-awake");
    }, STAY);
  }

  surface.addEventListener("click", () => {
    if (root.hidden) return;
    if (sound.state.asked) sound.turn(true);
    if (menu.isOpen) menu.close();
    awake();
  });
  surface.addEventListener("pointermove", (event) => event.pointerType === "mouse" && awake());
  root.addEventListener("focusin", awake);
  root.addEventListener("pointermove", awake);
  menu.onToggle = (open) => {
    more.setAttribute("aria-expanded", String(open));
    if (!open && root.contains(document.activeElement)) more.focus();
    awake();
  };

  async function togglePicture() {
    await (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture()).catch(() => {});
  }
  const inSmall = () => {
    const on = document.pictureInPictureElement === video;
    inPicture?.setAttribute("aria-pressed", String(on));
    surface.classList.toggle("is-elsewhere", on);
  };
  video.addEventListener("enterpictureinpicture", inSmall);
  video.addEventListener("leavepictureinpicture", inSmall);

  /** The whole room, not the bare picture: chat and card belong to it. */
  function toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  }
  document.addEventListener("fullscreenchange", () => {
    const label = document.fullscreenElement ? "Leave full screen" : "Full screen";
    full?.setAttribute("aria-label", label);
    full?.setAttribute("title", label);
  });

  function render() {
    const { on, asked, volume: loud } = sound.state;
    const label = on ? "Mute" : "Turn the sound on";
    mute.setAttribute("aria-label", asked ? "Tap for sound" : label);
    mute.title = label;
    mute.querySelector("use").setAttribute("href", `/static/icons.svg#${on ? "volume" : "volume-off"}`);
    say(words, asked ? "Tap for sound" : "");
    volume.value = on ? loud : 0;
    volume.style.setProperty("--loud", volume.value);
    root.classList.toggle("is-silent", !on);
    root.hidden = !player.state.shown;
    menu.render();
  }

  return { element: root, render, toggleFull, awake };
}
