/**
 * The live picture by HTTP: the same pieces from the parts of the low-latency playlist, for lines on which a socket
 * does not work or is not quick enough.
 *
 *   const transport = createLivePull({ slug, rendition, onPiece, onState, onLost });
 *
 * The playlist is asked for with the part that is to be in it, so the answer comes when the part does; the part that
 * is announced next is asked for at the same time.
 */

import { now } from "../clock.js";
import { readInit, startOf } from "./boxes.js";
import { isOld } from "./pieces.js";
import { readPlaylist } from "./playlist.js";

const WAIT = 700; // ms between two looks while there is nothing to wait for
const LONGEST_WAIT = 6_000;
const SILENCE = 3_000;
const ANSWER_WITHIN = 8_000;

export function createLivePull({ slug, rendition = "source", onPiece, onState, onLost }) {
  let name = rendition;
  let stopper = new AbortController();
  let done = false;
  let state = null;
  let renditions = ["source"];

  const root = `/media/shows/${encodeURIComponent(slug)}/live`;
  const clock = {
    now,
    get offset() {
      return now() - Date.now();
    },
  };

  function say(next, reason = "") {
    if (done || (state === next && next !== "ended")) return;
    state = next;
    onState({ type: "video.state", state, reason, since: now(), renditions, now: now() });
  }

  async function load(url, signal) {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN)]), cache: "no-store" });
    if (!response.ok) throw Object.assign(new Error(`answered with ${response.status}`), { status: response.status });
    return response;
  }
  const bytes = async (url, signal) => new Uint8Array(await (await load(url, signal)).arrayBuffer());

  async function names(signal) {
    const text = await (await load(`${root}.m3u8`, signal)).text();
    const found = [...text.matchAll(/^live\/([a-z0-9]+)\.m3u8/gm)].map((each) => each[1]);
    if (found.length) renditions = [...new Set(found)];
  }

  /** Follow one rendition until `signal` says stop. */
  async function follow(signal) {
    const mine = name;
    const early = new Map(); // url -> bytes on their way
    let last = null;
    let next = null;
    let head = null; // of the take: {take, scale}
    let wait = WAIT;
    let heard = performance.now();
    while (!signal.aborted) {
      try {
        if (!last) await names(signal);
        const address = new URL(`${root}/${mine}.m3u8${next ? `?_HLS_msn=${next.msn}&_HLS_part=${next.index}` : ""}`, location.href);
        const { parts, hint, ended } = readPlaylist(await (await load(address, signal)).text(), address);
        const key = parts.findLastIndex((each) => each.independent);
        const begin = last ? 0 : Math.max(0, key);
        let fresh = parts.slice(begin).filter((each) => !last || !isOld(last, each));
        // Far behind: on at the newest keyframe, as by the socket.
        if (fresh.reduce((sum, each) => sum + each.duration, 0) > 2 && key > begin) fresh = parts.slice(key);
        for (const part of fresh) {
          if (head?.take !== part.take) head = await beginning(part, mine, signal);
          const payload = await (early.get(part.url) ?? bytes(part.url, signal));
          early.delete(part.url);
          if (signal.aborted) return;
          say("live");
          onPiece({ kind: "part", ...part, start: (startOf(payload) ?? 0) / head.scale, payload });
          last = part;
          heard = performance.now();
        }
        if (ended) {
          say("ended");
          stop();
          return;
        }
        next = hint;
        if (hint && !early.has(hint.url)) {
          early.clear();
          const coming = bytes(hint.url, signal);
          coming.catch(() => early.delete(hint.url));
          early.set(hint.url, coming);
        }
        wait = WAIT;
        if (performance.now() - heard > SILENCE) say("waiting", "lost");
        if (!hint) await sleep(WAIT, signal);
      } catch (error) {
        if (signal.aborted) return;
        if ([401, 403].includes(error.status)) {
          stop();
          onLost("refused");
          return;
        }
        next = null;
        early.clear();
        if (!last || performance.now() - heard > SILENCE) say("waiting", error.status === 404 ? "not_started" : "lost");
        await sleep(wait / 2 + (Math.random() * wait) / 2, signal);
        wait = Math.min(LONGEST_WAIT, wait * 1.6);
      }
    }
  }

  async function beginning(part, mine, signal) {
    const payload = await bytes(part.map, signal);
    const about = readInit(payload);
    onPiece({ kind: "init", take: part.take, rendition: mine, codecs: about.codecs, width: about.width, height: about.height, msn: part.msn, at: part.at, source: "", payload });
    return { take: part.take, scale: about.scale || 90_000 };
  }

  function restart() {
    stopper.abort();
    stopper = new AbortController();
    if (!done) follow(stopper.signal);
  }

  function stop() {
    done = true;
    stopper.abort();
  }

  follow(stopper.signal);
  return {
    kind: "pull",
    clock,
    restart,
    stop,
    setRendition(wanted) {
      if (wanted === name) return;
      name = wanted;
      restart();
    },
  };
}

function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
