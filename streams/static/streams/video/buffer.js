/**
 * Pieces into a <video>, by MediaSource: one line of time over all takes, bounded, in order.
 *
 *   const buffer = createBuffer(video, { onAppended, onTrouble, onRebuild });
 *   buffer.append(piece)            // from a transport, as they come
 *   buffer.wallTimeOf(seconds)      // server milliseconds of a time of the video
 *   buffer.reset(), buffer.destroy()
 *
 * A new take, or what comes after a hole, is put right behind what is there: the playhead never meets a hole, and the
 * last picture stays until the next one comes.
 *
 * @param onAppended (part, before)  a part is in; the buffer ended at `before` until now (seconds, or null)
 * @param onTrouble  (error)         the browser could not read it: `reset`, and begin again with an Init
 * @param onRebuild  ()              the element gets a new MediaSource now, and is empty for a moment
 */

import { follows, isOld, mimeOf, tracksOf } from "./pieces.js";
import { createTimeline } from "./timeline.js";

const KEEP = 20; // seconds behind the playhead
const SLACK = 5; // removing is not free: some seconds at once
const LONGEST_QUEUE = 80; // pieces that wait for the browser: 20 s of parts
const FIRST_PLACE = 1; // sound may begin a little before the picture, and times below zero are thrown away

/** The browser's class: Safari on a phone has only the managed one. Undefined where there is none. */
export const MediaSourceClass = globalThis.MediaSource ?? globalThis.ManagedMediaSource;
export const canBuffer = () => Boolean(MediaSourceClass?.isTypeSupported?.('video/mp4; codecs="avc1.42c01f,mp4a.40.2"'));

export function createBuffer(video, { onAppended = () => {}, onTrouble = () => {}, onRebuild = () => {} } = {}) {
  const timeline = createTimeline();
  let media = null; // MediaSource
  let source = null; // SourceBuffer
  let address = null;
  let type = "";
  let queue = [];
  let working = false;
  let generation = 0;
  let init = null; // of the parts that come now
  let last = null; // the newest part that was taken up
  let offset = null; // null: the next part begins a take
  let tail = FIRST_PLACE; // where the newest part ends
  let needsKey = true;
  let ended = false;

  const once = (target, ...names) =>
    new Promise((resolve) => {
      const heard = (event) => {
        for (const name of names) target.removeEventListener(name, heard);
        resolve(event.type);
      };
      for (const name of names) target.addEventListener(name, heard);
    });

  async function settled(act) {
    const mine = source;
    const heard = once(mine, "updateend", "error", "abort");
    act(mine);
    const how = await heard;
    // "error" comes before "updateend": whoever waits for the next one must not hear that.
    if (how === "error") throw new DOMException("the browser could not read a piece", "EncodingError");
  }

  async function open(first) {
    close();
    onRebuild();
    media = new MediaSourceClass();
    if (globalThis.ManagedMediaSource && media instanceof globalThis.ManagedMediaSource) video.disableRemotePlayback = true;
    address = URL.createObjectURL(media);
    const opened = once(media, "sourceopen");
    video.src = address;
    await opened;
    URL.revokeObjectURL(address);
    address = null;
    media.duration = Infinity;
    type = mimeOf(first);
    source = media.addSourceBuffer(type);
  }

  function close() {
    if (address) URL.revokeObjectURL(address);
    [media, source, address] = [null, null, null];
  }

  async function begin(next) {
    const known = init && source && init.take === next.take && init.rendition === next.rendition && init.codecs === next.codecs;
    if (known) return;
    const other = !init || init.take !== next.take;
    if (!source || tracksOf(init) !== tracksOf(next)) await open(next);
    else if (mimeOf(next) !== type) {
      if (source.changeType) {
        source.changeType(mimeOf(next));
        type = mimeOf(next);
      } else await open(next);
    }
    await settled((each) => each.appendBuffer(next.payload));
    init = next;
    if (other) offset = null;
    [last, needsKey] = [null, true];
  }

  /** Where what comes next belongs: right behind the last frame that has its sound. */
  function place() {
    const end = endOf();
    return end !== null && Math.abs(end - tail) < 1 ? end : tail;
  }

  async function add(part) {
    if (!init || part.take !== init.take || !source) return;
    if (last && isOld(last, part)) return;
    if (last && !follows(last, part)) needsKey = true;
    if (needsKey && !part.independent) return;
    if (offset === null) offset = place() - part.start;
    else if (needsKey && part.start + offset > tail + 0.02) offset = tail - part.start;
    const before = endOf();
    if (source.timestampOffset !== offset) source.timestampOffset = offset;
    await appended(part.payload);
    const from = part.start + offset;
    timeline.add(from, from + part.duration, part.at);
    [last, needsKey, ended] = [part, false, false];
    tail = from + part.duration;
    onAppended(part, before);
    await tidy();
  }

  async function appended(payload) {
    try {
      await settled((each) => each.appendBuffer(payload));
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      await forget(video.currentTime - 2);
      await settled((each) => each.appendBuffer(payload));
    }
  }

  async function tidy() {
    const { buffered } = source;
    if (!buffered.length) return;
    // A picture that stands still must not make the buffer grow.
    const cut = Math.max(video.currentTime - KEEP, endOf() - 3 * KEEP);
    if (buffered.start(0) < cut - SLACK) await forget(cut);
  }

  async function forget(before) {
    if (before <= 0) return;
    await settled((each) => each.remove(0, before));
    timeline.trim(before);
  }

  async function work() {
    if (working) return;
    working = true;
    while (queue.length) {
      const piece = queue.shift();
      const mine = generation;
      try {
        if (piece.kind === "init") await begin(piece);
        else if (piece.kind === "part") await add(piece);
        else if (piece.take === init?.take) ended = true;
      } catch (error) {
        if (mine === generation) onTrouble(error);
      }
    }
    working = false;
  }

  /** More than the browser takes up: go on at the newest keyframe that waits. */
  function shorten() {
    const key = queue.findLastIndex((piece) => piece.kind === "part" && piece.independent);
    if (key < 1) return;
    const first = queue.findLastIndex((piece) => piece.kind === "init" && piece.take === queue[key].take);
    queue = [...(first >= 0 && first < key ? [queue[first]] : []), ...queue.slice(key)];
  }

  function endOf() {
    try {
      const buffered = source?.buffered;
      return buffered?.length ? buffered.end(buffered.length - 1) : null;
    } catch {
      return null; // the MediaSource has been taken away
    }
  }

  const api = {
    append(piece) {
      queue.push(piece);
      if (queue.length > LONGEST_QUEUE) shorten();
      work();
    },
    wallTimeOf: (time) => timeline.wallTimeOf(time),
    /** Begin anew with the next Init. The line of time goes on; what was buffered is gone. */
    reset() {
      generation += 1;
      queue = [];
      close();
      [init, last, offset, needsKey] = [null, null, null, true];
      // The playhead of a new MediaSource begins at zero, the line of time does not.
      if (video.currentTime > tail) tail = video.currentTime;
    },
    destroy() {
      api.reset();
      video.removeAttribute("src");
      video.load();
    },
    /** Where the buffer ends, in seconds; null when it is empty. */
    get end() {
      return endOf();
    },
    get start() {
      return source?.buffered.length ? source.buffered.start(0) : null;
    },
    /** The beginning of the buffered range after `time`, when `time` lies in a hole; null otherwise. */
    nextAfter(time) {
      const buffered = source?.buffered;
      for (let each = 0; buffered && each < buffered.length; each += 1) {
        if (buffered.start(each) <= time + 0.001 && buffered.end(each) > time + 0.05) return null;
        if (buffered.start(each) > time) return buffered.start(each);
      }
      return null;
    },
    /** Pieces that wait for the browser. */
    get pending() {
      return queue.length;
    },
    get init() {
      return init;
    },
    get newest() {
      return last;
    },
    /** The take is over, and nothing has come since. */
    get ended() {
      return ended;
    },
  };
  return api;
}
