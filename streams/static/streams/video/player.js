/**
 * The player of the live picture: a transport brings pieces, a buffer holds them, a pace keeps them near to now.
 *
 *   const player = createPlayer(element, { slug, onState });
 *   player.state          // {phase, shown, transport, rendition, renditions, source, reason, blocked}
 *   player.wallTime()     // server milliseconds of what is seen now, or null
 *   player.delay()        // milliseconds between then and now, or null
 *   player.toLive(), player.setRendition("360p"), player.destroy()
 *
 * `phase`: "waiting" (nothing seen yet), "live", "gone" (the last picture stays), "paused", "ended", "refused".
 * `transport`: "socket", "pull" or "native". `blocked`: it stands still until somebody lets it play; the browser wants
 * a tap, or it was paused in the small window.
 * The video is muted unless sound.js says otherwise.
 */

import { canBuffer, createBuffer } from "./buffer.js";
import { createLastPicture } from "./last_picture.js";
import { createLivePull } from "./live_pull.js";
import { createLiveSocket } from "./live_socket.js";
import { canPlayNative, createNative } from "./native.js";
import { createPace } from "./pace.js";

const STEP = 250; // ms between two looks at the pace
const BACK_TO_SOCKET = 60_000;
const SHORT = 1.5; // seconds: a longer silence is no jitter
const DRY = 0.05; // seconds ahead: the buffer has run out
const LATE = 1; // seconds too far behind when a tab is looked at again
const CALM = 10; // seconds after which trouble is forgotten
const PATIENCE = 1_200; // ms that a picture may stand still before it counts as gone

/**
 * @param element     where the video goes, or a video
 * @param transport   "socket", "pull" or "native"; by default the best one
 * @param onState     (state) soon after every change of it, never before createPlayer has returned
 */
export function createPlayer(element, { slug, transport: wanted = null, rendition = "source", onState = () => {} }) {
  const video = element instanceof HTMLVideoElement ? element : document.createElement("video");
  if (video !== element) {
    video.className = "video__picture";
    element.append(video);
  }
  Object.assign(video, { muted: true, playsInline: true, autoplay: true, disableRemotePlayback: true, preload: "auto" });
  video.setAttribute("playsinline", "");
  video.setAttribute("muted", "");
  const lastPicture = createLastPicture(video);
  const pace = createPace();
  const seconds = () => performance.now() / 1000;
  const figures = { stalls: 0, jumps: 0, parts: 0, margin: 0 };

  let state = { phase: "waiting", shown: false, transport: "", rendition, renditions: ["source"], source: null, reason: "", since: null, blocked: false };
  let transport = null;
  let trial = null; // a socket that is being tried while parts are pulled
  let trialTimer = null;
  let begun = false; // whether the playhead has been put where it belongs
  let held = false; // stands still until there is enough to go on
  let stalledAt = null;
  let quiet = null; // when the newest part came
  let [troubles, brokenAt, againTimer] = [0, 0, null];
  let destroyed = false;
  let telling = false; // whether onState is about to be called

  function change(some) {
    if (destroyed || Object.entries(some).every(([name, value]) => state[name] === value)) return;
    state = { ...state, ...some };
    if (telling) return;
    telling = true;
    queueMicrotask(() => {
      telling = false;
      if (!destroyed) onState(state);
    });
  }

  // ---- in

  const buffer = createBuffer(video, {
    onAppended(part, before) {
      const now = seconds();
      figures.parts += 1;
      if (quiet !== null && now - quiet > SHORT) pace.forget();
      if (before !== null) pace.arrived(now, before);
      if (stalledAt !== null && now - stalledAt < SHORT) pace.stalled();
      stalledAt = null;
      quiet = now;
      if (begun && before !== null && before - video.currentTime < DRY && part.index === 0 && part.start === 0) held = true;
      place();
      if (buffer.init && buffer.init.rendition !== state.rendition) change({ rendition: buffer.init.rendition });
    },
    onTrouble(error) {
      console.info("the picture begins anew:", error.message);
      again();
    },
    onRebuild() {
      if (state.shown) lastPicture.hold();
      begun = false;
      pace.forget();
    },
  });

  /** With a new buffer, at the newest keyframe. What can not be read at all is not asked for without a pause. */
  function again() {
    if (destroyed) return;
    if (state.shown) lastPicture.hold();
    buffer.reset();
    begun = false;
    pace.forget();
    if (seconds() - brokenAt > CALM) troubles = 0;
    brokenAt = seconds();
    clearTimeout(againTimer);
    againTimer = setTimeout(() => transport.restart(), troubles ? Math.min(8_000, 500 * 2 ** troubles) : 0);
    troubles += 1;
  }

  /** Put the playhead near the newest part, once there is enough. */
  function place() {
    const { end, start } = buffer;
    if (end === null) return;
    if (!begun) {
      const near = end - pace.wanted;
      video.currentTime = Math.max(start, near);
      begun = true;
      held = end - start < pace.wanted;
      play();
    } else if (!state.shown && end - video.currentTime > pace.wanted + 0.2) {
      video.currentTime = end - pace.wanted; // the first seconds come at once
    }
    step();
  }

  function step() {
    if (destroyed || !begun || transport.kind === "native") return;
    const { end } = buffer;
    if (end === null) return;
    if (held && (end - video.currentTime >= pace.wanted || (quiet !== null && seconds() - quiet > 0.6))) held = false;
    const next = buffer.nextAfter(video.currentTime);
    if (next !== null) {
      video.currentTime = next + 0.01; // sound and picture of two takes do not meet on the same tick
      return;
    }
    const { rate, jump } = pace.step(seconds(), video.currentTime, end);
    figures.margin = pace.margin;
    if (jump !== null && !video.paused) toLive();
    const speed = held ? 0 : rate;
    if (video.playbackRate !== speed) video.playbackRate = speed;
    if (state.phase === "live" && quiet !== null && end - video.currentTime < DRY && seconds() - quiet > PATIENCE / 1000) change({ phase: "gone" });
    else if (state.phase === "gone" && said === "live" && end - video.currentTime > DRY) change({ phase: "live" });
  }

  function toLive() {
    if (transport.kind === "native") {
      transport.toLive();
      return;
    }
    const { end } = buffer;
    if (end === null || end - video.currentTime <= pace.wanted) return;
    figures.jumps += 1;
    video.currentTime = end - pace.wanted;
  }

  function play() {
    video.play().then(
      () => change({ blocked: false }),
      (error) => {
        if (error.name === "NotAllowedError" && !video.muted) {
          // With sound only after a tap; without it at once.
          video.muted = true;
          play();
        } else if (error.name === "NotAllowedError") change({ blocked: true });
      },
    );
  }

  // ---- how things stand

  let said = "waiting";

  function told(message) {
    said = message.state;
    const phase = { live: state.shown ? "live" : "waiting", waiting: state.shown ? "gone" : "waiting" }[said] ?? said;
    change({ phase, source: message.source ?? null, reason: message.reason ?? "", since: message.since ?? null, renditions: message.renditions?.length ? message.renditions : state.renditions });
  }

  function frameSeen() {
    if (destroyed) return;
    change({ shown: true, ...(said === "live" ? { phase: "live" } : {}) });
  }
  const watchFrames = () => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(frameSeen) : video.addEventListener("timeupdate", frameSeen, { once: true }));

  // ---- transports

  const common = { slug, onState: told };

  function begin(kind) {
    if (kind === "native") transport = createNative({ ...common, video });
    else if (kind === "pull") transport = createLivePull({ ...common, rendition: state.rendition, onPiece: buffer.append, onLost: lost });
    else transport = createLiveSocket({ ...common, rendition: state.rendition, onPiece: buffer.append, onLost: lost });
    change({ transport: kind });
    clearTimeout(trialTimer);
    if (kind === "pull" && wanted !== "pull") trialTimer = setTimeout(trySocket, BACK_TO_SOCKET);
  }

  function lost(why) {
    if (why === "refused") change({ phase: "refused" });
    else if (!destroyed) begin("pull");
  }

  /** Is the socket's way free again? Its first part decides; until then parts are pulled. */
  function trySocket() {
    const fresh = [];
    trial = createLiveSocket({
      slug,
      rendition: state.rendition,
      onState(message) {
        if (transport === trial) told(message);
      },
      onPiece(piece) {
        if (transport === trial) {
          buffer.append(piece);
          return;
        }
        fresh.push(piece);
        if (piece.kind !== "part") return;
        transport.stop();
        transport = trial;
        change({ transport: "socket" });
        fresh.forEach(buffer.append);
      },
      onLost(why) {
        if (transport === trial) lost(why);
        else trialTimer = setTimeout(trySocket, BACK_TO_SOCKET);
      },
    });
  }

  // ---- the element

  const waiting = () => {
    if (!begun || video.seeking || buffer.ended || held) return;
    figures.stalls += 1;
    stalledAt = seconds();
  };
  const broken = () => {
    if (transport.kind !== "native" && video.error) again();
  };
  const looked = () => {
    if (document.hidden || !begun) return;
    if (video.paused && !document.pictureInPictureElement) play();
    const { end } = buffer;
    if (transport.kind === "native" || (end !== null && end - video.currentTime > pace.wanted + LATE)) toLive();
  };
  const resumed = () => {
    change({ blocked: false });
    toLive();
  };
  const paused = () => change({ blocked: !video.ended });
  const listeners = [
    [video, "waiting", waiting],
    [video, "error", broken],
    [video, "play", resumed],
    [video, "pause", paused],
    [document, "visibilitychange", looked],
    [globalThis, "pageshow", looked],
  ];
  for (const [target, name, listener] of listeners) target.addEventListener(name, listener);
  const stepping = setInterval(step, STEP);
  watchFrames();
  begin(wanted ?? (canBuffer() ? "socket" : canPlayNative(video) ? "native" : "socket"));

  return {
    video,
    get state() {
      return state;
    },
    figures,
    /** Server milliseconds now, as the transport knows it; null before it has heard. */
    now: () => transport.clock.now(),
    wallTime: () => (transport.wallTime ? transport.wallTime() : state.shown ? buffer.wallTimeOf(video.currentTime) : null),
    delay() {
      const [now, shown] = [transport.clock.now(), this.wallTime()];
      return now === null || shown === null ? null : Math.max(0, now - shown);
    },
    toLive,
    play,
    setRendition(name) {
      if (!state.renditions.includes(name)) return;
      transport.setRendition(name);
    },
    destroy() {
      destroyed = true;
      clearInterval(stepping);
      clearTimeout(againTimer);
      clearTimeout(trialTimer);
      for (const [target, name, listener] of listeners) target.removeEventListener(name, listener);
      transport.stop();
      if (trial !== transport) trial?.stop();
      buffer.destroy();
      lastPicture.remove();
      if (video !== element) video.remove();
    },
  };
}
