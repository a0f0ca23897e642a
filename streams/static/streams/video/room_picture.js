/**
 * The live picture in the room: the player on the stage, its buttons, and what the stage says about it.
 *
 *   room.picture = createPicture(room, { onChange });
 *   room.picture.wallTime()      // server ms of what is seen, null without a live picture
 *   room.picture.says            // "coming", "seen", "gone", "blocked" or null, for stage.js
 */

import { $, h } from "../dom.js";
import { choices } from "./choices.js";
import { createControls } from "./controls.js";
import { createPlayer } from "./player.js";
import { createSound } from "./sound.js";

const KEPT = 0.78; // of a picture that has to stay in sight when it fills a phone

export function createPicture(room, { gate, onChange = () => {} }) {
  const { store, config } = room;
  const stage = $("#stage");
  const wide = matchMedia("(min-width: 1080px)");
  const place = h("div", { class: "video", "aria-hidden": "true" });
  let player = null;
  let sound = null;
  let controls = null;

  function begin() {
    stage.insertBefore(place, $(".stage__notice", stage));
    player = createPlayer(place, { slug: config.slug, rendition: choices.quality, onState: changed });
    sound = createSound(player.video, { onChange: () => controls?.render() });
    controls = createControls({ surface: stage, player, sound, gate, captions: room.captions });
    player.video.addEventListener("resize", fit);
    addEventListener("resize", fit);
    wide.addEventListener("change", fit);
    room.root.append(controls.element);
    controls.render();
  }

  function changed() {
    stage.classList.toggle("has-video", player.state.shown);
    room.root.classList.toggle("has-video", player.state.shown);
    controls?.render();
    gate.look();
    onChange();
  }

  /** A picture fills a phone only when nearly all of it stays in sight; beside it the light of the show is seen. */
  function fit() {
    const { videoWidth, videoHeight } = player.video;
    if (!videoWidth || !stage.clientHeight) return;
    const ratio = videoWidth / videoHeight;
    const around = stage.clientWidth / stage.clientHeight;
    const kept = Math.min(ratio / around, around / ratio);
    place.style.setProperty("--ratio", String(ratio));
    place.classList.toggle("fills", !wide.matches && kept >= KEPT);
    place.classList.toggle("is-wide", ratio > 1);
  }

  return {
    get player() {
      return player;
    },
    get says() {
      if (!player) return null;
      const { phase, shown, blocked, source } = player.state;
      if (blocked) return "blocked";
      if (phase === "gone") return "gone";
      if (phase === "live") return "seen"; // a picture says more than words
      return phase === "waiting" && !shown && (source || config.video?.expected) ? "coming" : null;
    },
    /** Only while it moves: a picture that stands still must not hold anything back. */
    wallTime: () => (player?.state.phase === "live" && !player.state.blocked ? player.wallTime() : null),
    play: () => player?.play(),
    mute: () => player && sound.toggle(),
    render(parts) {
      if (!parts.has("show")) return;
      const { state } = store.state.show;
      if (!player && ["live", "paused"].includes(state)) begin();
      stage.classList.toggle("is-dim", state !== "live");
    },
  };
}
