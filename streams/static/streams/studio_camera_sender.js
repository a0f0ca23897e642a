/**
 * Sends a stream to the show: a recorder whose bytes go over the camera socket, and all that can go wrong with it.
 *
 *   const sender = createSender(slug, { onState, onFigures });
 *   sender.start(stream)       // from now on the host wants to be seen; also with another stream
 *   sender.setLive(true)       // whether the show is on air; in a break nothing is sent
 *   sender.takeOver(); sender.stop();
 *
 * `onState({name, message?, code?})`: "off", "held" (the show is not on air), "connecting", "on", "waiting" (it
 * was cut off and comes back by itself), "refused". `onFigures({bitrate, delay, parts, dropped})` once a second.
 *
 * A recording that was cut can not be continued: each time the recorder begins anew, and with it a take.
 */

import { isFinal } from "./protocol.js";

const SLICE = 100; // ms of recording in a chunk
const LARGEST = 64 * 1024; // bytes of a message
const FIRST_DELAY = 400;
const LONGEST_DELAY = 4_000;
const OPENING = 8_000;
const QUIET = 6_000; // ms without a word of the server while on air
const MOST_UNSENT = 512 * 1024; // bytes: some two seconds of picture
const DRAINED = 32 * 1024;
const KINDS = ["video/webm;codecs=h264,opus", "video/webm;codecs=vp8,opus", "video/webm;codecs=vp9,opus", "video/webm"];
const RECORDING = { videoBitsPerSecond: 1_500_000, audioBitsPerSecond: 96_000, videoKeyFrameIntervalDuration: 1_000 };

export const recordable = () => (globalThis.MediaRecorder ? KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) : undefined);

export function createSender(slug, { onState, onFigures }) {
  let stream = null; // null: nobody wants to be seen
  let live = false;
  let over = false; // another sender may be displaced
  let socket = null;
  let recorder = null;
  let state = "off";
  let attempt = 0;
  let dropped = 0;
  let heard = 0;
  let timer = null;
  let clogged = false;

  function become(name, more = {}) {
    state = name;
    onState({ name, ...more });
  }

  const address = () => {
    const url = new URL(`/ws/shows/${encodeURIComponent(slug)}/camera/`, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    return url;
  };

  /** Does what is to be done next, from whatever state. */
  function proceed() {
    clearTimeout(timer);
    if (!stream) {
      hangUp();
      become("off");
    } else if (!live) {
      hangUp();
      become("held");
    } else if (!socket) {
      connect();
    } else if (socket.readyState === WebSocket.OPEN) {
      begin();
    }
  }

  function connect() {
    become(attempt ? "waiting" : "connecting");
    const mine = new WebSocket(address());
    socket = mine;
    const tooLong = setTimeout(() => mine.close(), OPENING);
    mine.onopen = () => {
      clearTimeout(tooLong);
      if (socket === mine) begin();
    };
    mine.onmessage = ({ data }) => {
      if (socket === mine) said(JSON.parse(data));
    };
    mine.onclose = (event) => {
      clearTimeout(tooLong);
      if (socket === mine) closed(event);
    };
  }

  function begin() {
    endRecording();
    clogged = false;
    heard = Date.now();
    become(attempt ? "waiting" : "connecting");
    const mime = recordable();
    if (!mime) return refuse({ code: "no_recorder", message: "This browser can not record video. Chrome, Edge and Firefox can.", retry: false });
    socket.send(JSON.stringify({ type: "begin", mime, take_over: over }));
    return undefined;
  }

  function said(message) {
    heard = Date.now();
    if (message.type === "ready") {
      over = false;
      record();
    } else if (message.type === "state") {
      if (state === "on") attempt = 0;
      onFigures({ ...message, dropped: message.dropped + dropped });
    } else if (message.type === "stopped") {
      endRecording();
      if (message.reason === "switched") giveUp("off", { message: "Another source films this show now." });
      else if (stream) later();
    } else if (message.type === "refused") {
      refuse(message);
    }
  }

  function refuse({ code, message, retry }) {
    endRecording();
    over = false;
    if (retry) later(message);
    else if (code === "show_not_live") later("");
    else giveUp("refused", { code, message });
  }

  function giveUp(name, more) {
    stream = null;
    hangUp();
    become(name, more);
  }

  /** Again in a moment, each time a little later. */
  function later(message = "") {
    if (!live) {
      hangUp();
      become("held");
      return;
    }
    const wait = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempt);
    attempt += 1;
    become("waiting", { message });
    clearTimeout(timer);
    timer = setTimeout(proceed, wait / 2 + (Math.random() * wait) / 2);
  }

  function closed({ code, reason }) {
    socket = null;
    endRecording();
    let sentence = "";
    try {
      sentence = JSON.parse(reason).message;
    } catch {
      // closed by the network: there is no reason to read
    }
    if (!stream) return;
    if (isFinal(code)) giveUp("refused", { code, message: sentence || "This show can not be filmed from here." });
    else later();
  }

  function hangUp() {
    clearTimeout(timer);
    endRecording();
    const old = socket;
    socket = null;
    attempt = 0;
    if (old?.readyState === WebSocket.OPEN) old.send(JSON.stringify({ type: "stop" }));
    old?.close();
  }

  function record() {
    const mine = new MediaRecorder(stream, { mimeType: recordable(), ...RECORDING });
    recorder = mine;
    mine.ondataavailable = ({ data }) => {
      if (recorder === mine && data.size) send(data);
    };
    mine.onerror = () => recorder === mine && later();
    mine.start(SLICE);
    become("on");
  }

  function endRecording() {
    const old = recorder;
    recorder = null;
    if (old && old.state !== "inactive") old.stop();
  }

  /** What the network does not take is dropped with its recording: a hole in the middle can not be read. */
  function send(data) {
    if (socket?.readyState !== WebSocket.OPEN || clogged) {
      dropped += 1;
      return;
    }
    if (socket.bufferedAmount > MOST_UNSENT) {
      dropped += 1;
      clogged = true;
      return;
    }
    for (let at = 0; at < data.size; at += LARGEST) socket.send(data.slice(at, at + LARGEST));
  }

  setInterval(() => {
    if (!recorder || !socket) return;
    if (Date.now() - heard > QUIET) {
      // An open socket that says nothing is a dead one.
      const old = socket;
      old.onclose = null;
      old.close();
      closed({ code: 1006, reason: "" });
    } else if (clogged && socket.bufferedAmount < DRAINED) {
      begin();
    }
  }, 500);
  addEventListener("online", () => state === "waiting" && proceed());

  return {
    start(wanted) {
      stream = wanted;
      proceed();
    },
    stop() {
      stream = null;
      proceed();
    },
    setLive(yes) {
      if (live === yes) return;
      live = yes;
      if (stream) proceed();
    },
    takeOver(wanted) {
      over = true;
      stream = wanted;
      proceed();
    },
    get state() {
      return state;
    },
    /** For trying out what a cut does. */
    get socket() {
      return socket;
    },
  };
}
