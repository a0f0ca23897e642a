/** The replay of a show on another site: the recording with the browser's own controls, and its captions as a track. */

import { h } from "./dom.js";
import { chapterAt, unfold } from "./replay_film.js";
import { createRecording, isPlayable } from "./video/recording.js";

/**
 * @param onItem (number) what was on air at the moment that is shown; what comes first before that
 * @returns {Promise<{video} | null>} null when the recording is no longer kept, or does not come
 */
export async function createFilm(place, slug, { onItem }) {
  const media = `/media/shows/${encodeURIComponent(slug)}/`;
  const response = await fetch(`${media}replay.json`).catch(() => null);
  if (!response?.ok) return null;
  const film = unfold(await response.json(), new URL(media, location.href));
  const track = h("track", { kind: "captions", label: "Captions", src: `${media}captions.vtt`, default: true });
  const video = h("video", { class: "video__picture", playsinline: true, controls: true, preload: "metadata", "aria-label": "Replay" }, track);
  track.addEventListener("error", () => track.remove()); // nothing was said in words
  place.append(video);
  if (isPlayable(film)) createRecording(video, film);
  else video.src = `${media}replay.m3u8`;
  let number = film.chapters[0]?.number ?? null;
  const follow = () => {
    number = chapterAt(film, video.currentTime)?.number ?? number;
    if (number !== null) onItem(number);
  };
  video.addEventListener("timeupdate", follow);
  follow();
  return { video };
}
