/**
 * A recording in a video element: byte ranges of the takes' films, some seconds ahead of what is shown, by MediaSource.
 *
 *   const recording = createRecording(video, film, { onTrouble });    // film: see replay_film.js
 *   recording.destroy();
 *
 * Takes lie behind each other on one timeline (timestampOffset), so the element's `currentTime` is the position of the
 * replay. What is asked for, in the room of AHEAD seconds, is bounded; what lies further back than BEHIND is let go.
 */

import { segmentAt } from "../replay_film.js";

export const AHEAD = 20; // seconds that wait in front
export const BEHIND = 30; // seconds that stay behind
const FIRST = 2; // seconds of the first piece after a jump: the picture is there soon
const PIECE = 5; // seconds of a piece after that
const LARGEST = 4 << 20; // bytes of a piece
const HOP = 0.6; // seconds without picture or sound that are jumped over, as between two takes
const AGAIN = [500, 1000, 2000, 4000, 8000];

const tracksOf = (take) => (take.mime.includes("mp4a") ? "both" : "picture");

export const isPlayable = (film) => Boolean(globalThis.MediaSource) && film.takes.every((each) => MediaSource.isTypeSupported(each.mime));

/**
 * @param from      where it is going to begin
 * @param onTrouble (sentence | null): the recording does not come, or comes again
 */
export function createRecording(video, film, { onTrouble = () => {}, from = 0, fetchRange = range } = {}) {
  let media = null;
  let tracks = ""; // of the takes that this buffer can take up
  const heads = new Map(); // take -> Promise of its ftyp and moov
  let buffer = null;
  let current = -1; // the take that the buffer expects
  let request = null; // {from, until, coming, abort}: at most one piece is on its way, or being added
  let tries = 0;
  let timer = null;
  let eager = true;
  let destroyed = false;

  const has = (position) => {
    const { buffered } = video;
    for (let each = 0; each < buffered.length; each += 1) if (buffered.start(each) <= position && position < buffered.end(each)) return true;
    return false;
  };
  const lacks = (segment) => !has((segment.start + segment.end) / 2);

  /** Where to go on: the first segment ahead that is not there, with the keyframe that it needs. */
  function next() {
    const { segments } = film;
    const here = Math.min(video.currentTime, film.seconds - 0.01);
    let index = segmentAt(film, here);
    while (index < segments.length && segments[index].start < here + AHEAD && !lacks(segments[index])) index += 1;
    if (index >= segments.length || segments[index].start >= here + AHEAD) return null;
    while (!segments[index].independent && index > 0 && segments[index - 1].take === segments[index].take) index -= 1;
    return index;
  }

  /** Segments from `index` on that are asked for at once. */
  function piece(index) {
    const { segments } = film;
    const first = segments[index];
    const longest = eager ? FIRST : PIECE;
    let last = index;
    while (
      segments[last + 1]?.take === first.take &&
      (segments[last + 1].end - first.start <= longest || !segments[last + 1].independent) &&
      segments[last + 1].from + segments[last + 1].bytes - first.from <= LARGEST
    ) last += 1;
    return { first, last: segments[last], bytes: segments[last].from + segments[last].bytes - first.from };
  }

  async function pump() {
    if (destroyed || !buffer || buffer.updating || request) return;
    if (forget(BEHIND)) return;
    const index = next();
    if (index === null) {
      if (has(film.seconds - 0.1) && media.readyState === "open") media.endOfStream();
      return;
    }
    const { first, last, bytes } = piece(index);
    if (tracksOf(film.takes[first.take]) !== tracks) {
      if (!has(video.currentTime + 0.05)) open(first.take);
      return;
    }
    const stop = new AbortController();
    const mine = (request = { from: first.start, until: last.end, coming: true, abort: () => stop.abort() });
    try {
      const take = film.takes[first.take];
      if (!heads.has(first.take)) heads.set(first.take, fetchRange(take.url, 0, take.head));
      const [head, data] = await Promise.all([heads.get(first.take), fetchRange(take.url, first.from, bytes, stop.signal)]);
      if (request !== mine || destroyed) return;
      if (tries) onTrouble(null);
      tries = 0;
      eager = false;
      mine.coming = false;
      if (current !== first.take) {
        if (current >= 0) buffer.changeType(take.mime);
        buffer.timestampOffset = take.shift;
        current = first.take;
        await append(head);
      }
      await append(data);
      request = null;
      pump();
    } catch (error) {
      if (request === mine) request = null;
      if (error.name === "AbortError" || destroyed) return;
      if (error.name === "QuotaExceededError") {
        forget(BEHIND / 6);
        later(1000);
        return;
      }
      heads.delete(first.take);
      if (tries >= 1) onTrouble(error.gone ? "The recording of this show is no longer kept." : "The recording does not come through. We keep trying.");
      if (!error.gone) later(AGAIN[Math.min(tries, AGAIN.length - 1)]);
      else onTrouble("The recording of this show is no longer kept.");
      tries += 1;
    }
  }

  function append(data) {
    return new Promise((resolve, reject) => {
      const done = (event) => {
        buffer.removeEventListener("updateend", done);
        buffer.removeEventListener("error", done);
        if (event.type === "error") reject(new Error("The film can not be read."));
        else resolve();
      };
      buffer.addEventListener("updateend", done);
      buffer.addEventListener("error", done);
      try {
        buffer.appendBuffer(data);
      } catch (error) {
        buffer.removeEventListener("updateend", done);
        buffer.removeEventListener("error", done);
        reject(error);
      }
    });
  }

  /** Let go of what lies far behind, or far ahead after a jump back. True while that takes. */
  function forget(behind) {
    const { buffered, currentTime } = video;
    for (let each = 0; each < buffered.length; each += 1) {
      const [start, end] = [buffered.start(each), buffered.end(each)];
      if (start < currentTime - behind - PIECE) {
        buffer.remove(0, Math.min(end, currentTime - behind));
        return true;
      }
      if (start > currentTime + AHEAD * 2) {
        buffer.remove(start, Infinity);
        return true;
      }
    }
    return false;
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(pump, wait);
  }

  /** A jump: what is on its way to somewhere else is not waited for. */
  function jumped() {
    eager = !has(video.currentTime);
    if (eager && request?.coming && !(request.from <= video.currentTime && video.currentTime < request.until)) {
      request.abort();
      request = null;
    }
    later(0);
  }

  /** Between two takes sound and picture do not end on the same tick. */
  function stuck() {
    const { buffered, currentTime } = video;
    for (let each = 0; each < buffered.length; each += 1) {
      const ahead = buffered.start(each) - currentTime;
      if (ahead > 0 && ahead < HOP) {
        video.currentTime = buffered.start(each) + 0.01;
        return;
      }
    }
    pump();
  }

  /** A buffer for takes with the tracks of this one: another number of tracks needs another buffer. */
  function open(take) {
    const [at, going, rate] = [video.currentTime, !video.paused, video.playbackRate];
    const mine = (media = new MediaSource());
    const address = URL.createObjectURL(mine);
    [buffer, current, tracks] = [null, -1, tracksOf(film.takes[take])];
    mine.addEventListener("sourceopen", () => {
      if (mine !== media || buffer) return; // it opens again whenever something is added after the end
      URL.revokeObjectURL(address);
      mine.duration = film.seconds;
      buffer = mine.addSourceBuffer(film.takes[take].mime);
      buffer.addEventListener("updateend", () => later(0));
      pump();
    });
    video.src = address;
    if (at) video.currentTime = Math.max(at, film.takes[take].offset);
    video.playbackRate = rate;
    if (going) video.play().catch(() => {});
  }

  video.addEventListener("timeupdate", pump);
  video.addEventListener("seeking", jumped);
  video.addEventListener("waiting", stuck);
  open(film.segments[segmentAt(film, from)].take);

  return {
    destroy() {
      destroyed = true;
      clearTimeout(timer);
      request?.abort();
      for (const [type, listener] of [["timeupdate", pump], ["seeking", jumped], ["waiting", stuck]]) video.removeEventListener(type, listener);
      video.removeAttribute("src");
      video.load();
    },
  };
}

/** Bytes of a film. A server may give less than was asked for; then the rest is asked for. */
async function range(url, from, bytes, signal) {
  const parts = [];
  let got = 0;
  while (got < bytes) {
    const response = await fetch(url, { headers: { Range: `bytes=${from + got}-${from + bytes - 1}` }, signal });
    if (response.status !== 206) throw Object.assign(new Error(`The film was answered with ${response.status}.`), { gone: [404, 410].includes(response.status) });
    const part = new Uint8Array(await response.arrayBuffer());
    if (!part.length) throw new Error("The film ended early.");
    parts.push(part);
    got += part.length;
  }
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(got);
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}
