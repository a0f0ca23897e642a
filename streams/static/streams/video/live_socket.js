/**
 * The live picture by WebSocket: pieces as binary messages, how things stand as text.
 *
 *   const transport = createLiveSocket({ slug, rendition, onPiece, onState, onLost });
 *
 * Heals itself: waits a little longer each time, at random, and goes on at the newest keyframe. `onLost(why)` is
 * called once it gives up: "unreachable", "too_slow", or "refused" for good. What it knows of the server's clock is
 * in `clock`.
 */

import { CLOSE, isFinal, SUBPROTOCOL } from "../protocol.js";
import { decode } from "./pieces.js";
import { createServerClock } from "./server_clock.js";

const FIRST_DELAY = 300;
const LONGEST_DELAY = 8_000;
const OPENING = 6_000;
const TRIES = 4; // without hearing anything, until another way is taken
const TOO_SLOW = 2; // times that the server says so
const SILENCE = 6_000; // while there should be a picture
const PING_EVERY = 10_000;
const FIRST_PINGS = [0, 400, 1_000];

export function createLiveSocket({ slug, rendition = "source", onPiece, onState, onLost }) {
  const clock = createServerClock();
  let socket = null;
  let name = rendition;
  let attempt = 0;
  let slow = 0;
  let heard = 0;
  let said = null; // the newest video.state
  let timer = null;
  let done = false;
  const pings = new Set();

  function connect() {
    clearTimeout(timer);
    if (done || socket || !navigator.onLine) return;
    const url = new URL(`/ws/shows/${encodeURIComponent(slug)}/video/`, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("rendition", name);
    const mine = new WebSocket(url, [SUBPROTOCOL]);
    mine.binaryType = "arraybuffer";
    socket = mine;
    heard = performance.now();
    const tooLong = setTimeout(() => mine.close(), OPENING);
    mine.onopen = () => FIRST_PINGS.forEach((wait) => later(ping, wait));
    mine.onmessage = ({ data }) => {
      if (socket !== mine) return;
      clearTimeout(tooLong);
      heard = performance.now();
      attempt = 0;
      if (typeof data === "string") told(JSON.parse(data));
      else onPiece(decode(data));
    };
    mine.onclose = (event) => {
      clearTimeout(tooLong);
      if (socket === mine) dropped(event);
    };
  }

  function told(message) {
    if (message.type === "pong") clock.answered(message.t, message.now);
    if (message.type !== "video.state") return;
    clock.told(message.now);
    said = message;
    onState(message);
  }

  function dropped({ code, reason }) {
    socket = null;
    forgetPings();
    if (done) return;
    if (code === 1000 && said?.state === "ended") {
      stop();
      return;
    }
    if (isFinal(code)) {
      give("refused");
      return;
    }
    slow += Number(code === CLOSE.TOO_SLOW);
    if (slow >= TOO_SLOW) {
      give("too_slow");
      return;
    }
    attempt += 1;
    if (attempt >= TRIES && navigator.onLine) {
      give("unreachable");
      return;
    }
    const most = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempt);
    timer = setTimeout(connect, patience(reason) ?? most / 2 + Math.random() * (most / 2));
  }

  function give(why) {
    stop();
    onLost(why);
  }

  function ping() {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "ping", t: Date.now() }));
  }

  const later = (work, wait) => pings.add(setTimeout(work, wait));
  function forgetPings() {
    for (const each of pings) clearTimeout(each);
    pings.clear();
  }

  /** Close, and connect anew at once: the newest keyframe comes first. */
  function restart() {
    const old = socket;
    socket = null;
    forgetPings();
    if (old) {
      old.onclose = old.onmessage = null;
      old.close();
    }
    connect();
  }

  const watch = setInterval(() => {
    if (!socket) return;
    if (performance.now() - heard > SILENCE && (said?.state === "live" || socket.readyState !== WebSocket.OPEN)) restart();
  }, 1_000);
  const pinging = setInterval(ping, PING_EVERY);
  const awake = () => !document.hidden && !done && (socket ? ping() : restart());
  addEventListener("online", restart);
  document.addEventListener("visibilitychange", awake);

  function stop() {
    done = true;
    clearTimeout(timer);
    clearInterval(watch);
    clearInterval(pinging);
    forgetPings();
    removeEventListener("online", restart);
    document.removeEventListener("visibilitychange", awake);
    const old = socket;
    socket = null;
    old?.close();
  }

  connect();
  return {
    kind: "socket",
    clock,
    restart,
    stop,
    setRendition(wanted) {
      name = wanted;
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "rendition", name }));
    },
  };
}

/** How long the server asks to wait, if it does. */
function patience(reason) {
  try {
    return JSON.parse(reason).retry_after_ms ?? null;
  } catch {
    return null; // closed by the network: there is no reason to read
  }
}
