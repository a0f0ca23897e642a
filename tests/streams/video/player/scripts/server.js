/* The server's part, played by the page: a WebSocket class of its own, and helpers for the scripts beside it. */

globalThis.serving = { sockets: [], sent: [] };
globalThis.WebSocket = class {
  static OPEN = 1;
  readyState = 0;
  constructor(url) {
    serving.sockets.push(this);
    this.url = String(url);
    setTimeout(() => { this.readyState = 1; this.onopen?.(); serving.joined?.(this); });
  }
  send(text) { serving.sent.push(JSON.parse(text)); }
  close() { this.end(1005); }
  end(code, reason = "") {
    if (this.readyState === 3) return;
    this.readyState = 3;
    setTimeout(() => this.onclose?.({ code, reason }));
  }
  say(message) { this.onmessage?.({ data: JSON.stringify(message) }); }
};
globalThis.bytesOf = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0)).buffer;
globalThis.sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
globalThis.until = async (check, ms = 8000) => {
  const end = performance.now() + ms;
  while (!check()) {
    if (performance.now() > end) throw new Error("waited too long for " + check);
    await sleep(10);
  }
};
/** Sends pieces as they become due: a part when its last frame has been filmed. */
globalThis.film = async (socket, pieces) => {
  let began = null;
  for (const text of pieces) {
    const data = bytesOf(text);
    const { kind, start, duration } = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 2, new DataView(data).getUint16(0))));
    if (kind === "part") {
      began ??= performance.now() - (start + duration) * 1000;
      await sleep(began + (start + duration) * 1000 - performance.now());
    }
    socket.onmessage?.({ data });
  }
};
globalThis.LIVE = { type: "video.state", state: "live", source: "simulated", since: 1, reason: "", renditions: ["source"], now: Date.now() };

/** A player on the page, and the socket that it has opened. */
globalThis.opened = async () => {
  const { createPlayer } = await import("/static/streams/video/player.js");
  const states = [];
  const place = document.createElement("div");
  document.body.append(place);
  const player = createPlayer(place, { slug: "a-show", onState: (state) => states.push(state.phase) });
  const { video } = player;
  await until(() => serving.sockets.length && serving.sockets[0].readyState === 1);
  const socket = serving.sockets[0];
  return { player, video, socket, states };
};
