/**
 * The live picture by the browser's own HLS, where there is no MediaSource (an older iPhone): the browser loads and
 * paces it, this only says how things stand.
 */

import { now } from "../clock.js";

const AGAIN = 2_000;
const FAR = 8; // seconds behind its live edge

export const canPlayNative = (video) => Boolean(video.canPlayType("application/vnd.apple.mpegurl"));

export function createNative({ slug, video, onState }) {
  const address = `/media/shows/${encodeURIComponent(slug)}/live.m3u8`;
  let timer = null;

  const say = (state, reason = "") => onState({ type: "video.state", state, reason, since: now(), renditions: ["source"], now: now() });
  function load() {
    clearTimeout(timer);
    video.src = address;
    video.load();
    video.play().catch(() => {});
  }
  function failed() {
    say("waiting", "lost");
    clearTimeout(timer);
    timer = setTimeout(load, AGAIN);
  }
  const playing = () => say("live");
  const ended = () => say("waiting", "stopped");
  const heard = { error: failed, playing, ended };
  for (const [name, listener] of Object.entries(heard)) video.addEventListener(name, listener);
  load();

  return {
    kind: "native",
    clock: { now, offset: 0 },
    restart: load,
    setRendition() {},
    stop() {
      clearTimeout(timer);
      for (const [name, listener] of Object.entries(heard)) video.removeEventListener(name, listener);
      video.removeAttribute("src");
      video.load();
    },
    /** Server milliseconds of what is shown: the playlist's own dates, where the browser tells them. */
    wallTime() {
      const began = video.getStartDate?.().getTime();
      return Number.isFinite(began) ? began + video.currentTime * 1000 : null;
    },
    toLive() {
      const { seekable } = video;
      if (seekable.length && seekable.end(seekable.length - 1) - video.currentTime > FAR) video.currentTime = seekable.end(seekable.length - 1) - 3;
    },
  };
}
