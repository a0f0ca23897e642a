/**
 * One room socket that heals itself.
 *
 *   const socket = openRoom(slug, { since, onFrame, onState, crowd });
 *   const reply = await socket.send("chat.send", { text });   // {ok, data} | {ok: false, error}
 *
 * `since()` returns `<epoch>:<seq>` or null; `onFrame(frame)` may return "resume" when a frame skipped an event.
 * `crowd()` is how many people are in the room: the more, the wider they spread when they come back together.
 * `onState({state, code?, message?})`: connecting, open, waiting, offline, closed (for good).
 * Replies are matched by ref. A command is never re-sent from here: what must not be lost carries a key and is
 * kept by purchases.js, which sends it again with the same key.
 */

import { CLOSE, isFinal, SUBPROTOCOL } from "./protocol.js";

const FIRST_DELAY = 400;
const LONGEST_DELAY = 15_000;
const OPENING = 8_000;
const EACH = 0.35; // ms of the first wait for each person in the room: some 3,000 come back in a second,
const WIDEST = 5_000; // but nobody waits longer than this for a first try
const QUIET = 45_000;

const lost = { code: "disconnected", message: "The connection was lost before the answer came.", retry: true };
const slow = { code: "timeout", message: "The room did not answer in time. Please try again.", retry: true };

export function openRoom(slug, { since, onFrame, onState, crowd = () => 0 }) {
  const waiting = new Map();
  let socket = null;
  let attempt = 0;
  let refs = 0;
  let timer = null;
  let heard = 0;
  let ended = false;

  const address = () => {
    const url = new URL(`/ws/shows/${encodeURIComponent(slug)}/`, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const from = since();
    if (from) url.searchParams.set("since", from);
    return url;
  };

  function connect() {
    clearTimeout(timer);
    if (ended || socket) return;
    if (!navigator.onLine) {
      onState({ state: "offline" });
      return;
    }
    onState({ state: "connecting", attempt });
    const mine = new WebSocket(address(), [SUBPROTOCOL]);
    socket = mine;
    const tooLong = setTimeout(() => mine.close(), OPENING);
    let spoke = false;
    mine.onmessage = ({ data }) => {
      if (socket !== mine) return;
      heard = Date.now();
      const frame = JSON.parse(data);
      if ("ref" in frame) return settle(frame.ref, frame);
      const verdict = onFrame(frame);
      if (!spoke) {
        spoke = true;
        clearTimeout(tooLong);
        attempt = 0;
        onState({ state: "open" });
      }
      if (verdict === "resume") again(0);
      return undefined;
    };
    mine.onclose = (event) => {
      clearTimeout(tooLong);
      if (socket === mine) dropped(event);
    };
  }

  function dropped({ code, reason }) {
    socket = null;
    for (const ref of [...waiting.keys()]) settle(ref, { ok: false, error: lost });
    let said = {};
    try {
      said = JSON.parse(reason);
    } catch {
      // closed by the network, not by the room: there is no reason to read
    }
    if (isFinal(code)) {
      ended = true;
      onState({ state: "closed", code, message: said.message });
      return;
    }
    if (!navigator.onLine) {
      onState({ state: "offline" });
      return;
    }
    const wait = said.retry_after_ms ?? backOff(code);
    attempt += 1;
    onState({ state: "waiting", code, wait });
    timer = setTimeout(connect, wait);
  }

  /**
   * Doubles, with half of it random. A server that ends by itself says how long each is to wait; one that was killed
   * says nothing, so that a full room has to spread by itself.
   */
  function backOff(code) {
    const floor = code === CLOSE.TOO_FAST ? 3_000 : FIRST_DELAY;
    const most = Math.min(LONGEST_DELAY, floor * 2 ** attempt);
    const spread = attempt === 0 ? Math.min(WIDEST, crowd() * EACH) : 0;
    return most / 2 + Math.random() * (most / 2 + spread);
  }

  function again(wait) {
    const old = socket;
    socket = null;
    if (old) {
      old.onclose = null;
      old.onmessage = null;
      old.close();
    }
    for (const ref of [...waiting.keys()]) settle(ref, { ok: false, error: lost });
    clearTimeout(timer);
    if (!ended) timer = setTimeout(connect, wait);
  }

  function settle(ref, reply) {
    const entry = waiting.get(ref);
    if (!entry) return;
    waiting.delete(ref);
    clearTimeout(entry.timer);
    entry.resolve(reply);
  }

  function send(type, data = {}, { timeout = 10_000 } = {}) {
    if (!isOpen()) return Promise.resolve({ ok: false, error: lost });
    const ref = `r${(refs += 1)}`;
    return new Promise((resolve) => {
      const giveUp = () => {
        settle(ref, { ok: false, error: slow });
        // An open socket that does not answer is a dead one: a half-open connection says nothing by itself.
        if (Date.now() - heard > timeout) again(0);
      };
      waiting.set(ref, { resolve, timer: setTimeout(giveUp, timeout) });
      socket.send(JSON.stringify({ type, ref, data }));
    });
  }

  const isOpen = () => socket?.readyState === WebSocket.OPEN;

  addEventListener("online", () => again(0));
  addEventListener("offline", () => {
    again(0);
    onState({ state: "offline" });
  });
  document.addEventListener("visibilitychange", () => {
    // A laptop that slept may hold a socket that died long ago; asking again from our seq is cheap.
    if (!document.hidden && !ended && Date.now() - heard > QUIET) again(0);
  });
  connect();

  return { send, isOpen, reconnect: () => again(0), retryNow: () => (socket ? undefined : connect()) };
}
