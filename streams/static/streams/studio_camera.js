/**
 * The Camera panel of the console: what films the show, this computer's own camera, and what viewers see of it.
 *
 * The picture as viewers get it lies on the console's stage, for every source.
 */

import { get, post } from "./api.js";
import { $, $$, h, say } from "./dom.js";
import { createDevices } from "./studio_camera_devices.js";
import { createKey } from "./studio_key.js";
import { createSender } from "./studio_camera_sender.js";
import { toast } from "./toast.js";
import { createPlayer } from "./video/player.js";

const LOOK_EVERY = 3_000;
const NAMES = { simulated: "The simulated camera", browser: "This computer", rtmp: "OBS" };
const STATES = {
  off: ["Ready", "", "Only you see this picture."],
  held: ["Ready", "badge-look", "You are on air as soon as the show is."],
  connecting: ["Connecting", "badge-look", "Connecting."],
  on: ["On air", "badge-live", "Viewers see this computer's camera."],
  waiting: ["Reconnecting", "badge-look", "You were cut off. The picture comes back by itself."],
  refused: ["Refused", "badge-danger", ""],
};

export function createCamera(room) {
  const root = $("#camera");
  const slug = room.config.slug;
  const part = (id) => $(`#camera-${id}`, root);
  const [start, off, over, preview] = ["start", "off", "over", "preview"].map(part);
  const key = createKey(slug);
  const stage = $("#stage");
  const place = h("div", { class: "video", "aria-hidden": "true" });
  let source = "";
  let sending = null; // what the house knows of the source that sends now
  let own = { name: "off" };
  let trouble = "";

  stage.insertBefore(place, $(".stage__notice", stage));
  const player = createPlayer(place, { slug, onState: seen });
  const says = () => (["live", "gone"].includes(player.state.phase) && player.state.shown ? { live: "seen", gone: "gone" }[player.state.phase] : null);
  room.picture = {
    get says() {
      return says();
    },
  };

  const sender = createSender(slug, {
    onState(state) {
      own = state;
      if (state.name === "on") choose("browser", { told: true });
      draw();
    },
    onFigures: figures,
  });
  const devices = createDevices({ onStream, onList, onLevel, onTrouble });

  function seen() {
    const { videoWidth, videoHeight } = player.video;
    if (videoWidth) place.style.setProperty("--ratio", String(videoWidth / videoHeight));
    stage.classList.toggle("has-video", player.state.shown);
    room.redraw("show");
    draw();
  }
  player.video.addEventListener("resize", seen);

  // -- this computer ----------------------------------------------------------------------------

  function onStream(stream) {
    preview.srcObject = stream;
    part("empty").hidden = Boolean(stream);
    part("mute").disabled = !stream?.getAudioTracks().length;
    if (stream) trouble = "";
    if (sender.state !== "off" && sender.state !== "refused") {
      if (stream) sender.start(stream);
      else sender.stop();
    }
    draw();
  }

  function onList({ cameras, microphones }) {
    fill(part("device"), cameras, "Standard camera", devices?.chosen.camera);
    fill(part("microphone"), microphones, "Standard microphone", devices?.chosen.microphone);
  }

  function fill(select, found, standard, chosen = "") {
    select.replaceChildren(h("option", { value: "" }, standard), ...found.filter(({ id }) => id !== "default").map(({ id, label }) => h("option", { value: id }, label)));
    select.value = found.some(({ id }) => id === chosen) ? chosen : "";
  }

  function onLevel(level) {
    const meter = part("level");
    meter.style.setProperty("--level", level.toFixed(2));
    meter.setAttribute("aria-valuenow", String(Math.round(level * 100)));
  }

  function onTrouble(sentence) {
    trouble = sentence;
    draw();
  }

  function figures({ bitrate, delay, dropped }) {
    const eye = player.delay();
    say(part("rate"), bitrate ? `${(bitrate / 1e6).toFixed(1)} Mbit/s` : "–");
    say(part("dropped"), String(dropped));
    say(part("house"), delay ? `${(Math.max(0, delay) / 1000).toFixed(2)} s` : "–");
    say(part("delay"), eye === null ? "–" : `${(eye / 1000).toFixed(1)} s`);
  }

  start.addEventListener("click", async () => {
    if (!devices.stream) {
      start.disabled = true;
      await devices.open();
      start.disabled = false;
      draw();
    } else if (idle()) {
      sender.start(devices.stream);
    } else {
      sender.stop();
    }
  });
  off.addEventListener("click", () => devices.close());
  over.addEventListener("click", () => sender.takeOver(devices.stream));
  part("device").addEventListener("change", ({ target }) => devices.open({ camera: target.value, screen: false }));
  part("microphone").addEventListener("change", ({ target }) => devices.open({ microphone: target.value }));
  part("screen").addEventListener("click", () => devices.open({ screen: !devices.chosen.screen }).then(draw));
  part("mute").addEventListener("click", () => {
    devices.mute(!devices.chosen.muted);
    draw();
  });
  for (const button of $$("[data-shape]", root)) {
    button.addEventListener("click", async () => {
      for (const each of $$("[data-shape]", root)) each.setAttribute("aria-pressed", String(each === button));
      if (devices.stream) await devices.open({ shape: button.dataset.shape });
    });
  }

  const idle = () => own.name === "off" || own.name === "refused";

  // -- which source -----------------------------------------------------------------------------

  for (const button of $$("[data-source]", root)) button.addEventListener("click", () => choose(button.dataset.source));

  async function choose(wanted, { told = false } = {}) {
    if (source === wanted) return;
    const before = source;
    source = wanted;
    draw();
    if (told) return; // the camera socket has said so to the house
    const reply = await post(`/shows/${slug}/picture/source`, { source: wanted });
    if (reply.ok) return learn(reply.data);
    source = before;
    toast(reply.error.message, { tone: "bad", seconds: 7 });
    return draw();
  }

  function learn(picture) {
    if (idle() || sender.state === "held") source = picture.source;
    sending = picture.sending;
    key.render(picture);
    draw();
  }

  async function look() {
    if (document.hidden) return;
    const reply = await get(`/shows/${slug}/picture`);
    if (reply.ok) learn(reply.data);
  }
  look();
  setInterval(look, LOOK_EVERY);
  addEventListener("pagehide", () => player.destroy());

  // -- what is seen -----------------------------------------------------------------------------

  function draw() {
    for (const button of $$("[data-source]", root)) button.setAttribute("aria-pressed", String(button.dataset.source === source));
    for (const each of $$("[data-for]", root)) each.hidden = each.dataset.for !== source;
    const open = Boolean(devices?.stream);
    say(start, !open ? "Turn the camera on" : idle() ? (room.isOpen() ? "Go on air" : "Be ready to go on air") : "Stop filming");
    start.classList.toggle("button-primary", !open || idle());
    const taken = own.code === "source_taken" && open;
    start.hidden = taken;
    over.hidden = !taken;
    off.hidden = !open || !idle();
    part("figures").hidden = own.name !== "on";
    root.classList.toggle("is-on-air", own.name === "on");
    const chosen = devices?.chosen ?? {};
    part("screen").setAttribute("aria-pressed", String(Boolean(chosen.screen)));
    say($("span", part("screen")), chosen.screen ? "Back to the camera" : "Share screen");
    part("mute").setAttribute("aria-pressed", String(Boolean(chosen.muted)));
    say($("span", part("mute")), chosen.muted ? "Unmute" : "Mute");
    part("says").classList.toggle("is-wrong", Boolean(trouble) || own.name === "refused");
    say(part("says"), trouble || own.message || "");
    head(open);
  }

  function head(open) {
    let [badge, look, line] = ["Off", "", "Choose what films this show."];
    if (source === "browser") {
      [badge, look, line] = open ? STATES[own.name] : ["Off", "", "The camera of this computer is off."];
      if (own.name === "off" && sending?.held_by === "browser") [badge, look, line] = ["On air", "badge-live", "Another window films this show."];
    } else if (source && sending && sending.held_by === source) {
      const eye = player.delay();
      [badge, look, line] = ["On air", "badge-live", `${NAMES[source]} films this show${eye === null ? "" : `, ${(eye / 1000).toFixed(1)} s from hand to eye`}.`];
    } else if (source) {
      [badge, look, line] = room.isOpen() ? ["Waiting", "badge-look", `${NAMES[source]} is chosen, and no picture comes yet.`] : ["Ready", "", `${NAMES[source]} films this show when it is on air.`];
    }
    const shown = part("badge");
    shown.className = `badge ${look}`.trim();
    say(shown, badge);
    say(part("line"), line);
  }

  return {
    sender,
    render(changed) {
      if (!changed.has("show")) return;
      sender.setLive(room.store.state.show?.state === "live");
      draw();
    },
  };
}
