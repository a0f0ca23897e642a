/**
 * The sound of a picture: muted first, always; on only by a gesture, and remembered.
 *
 *   const sound = createSound(video, { onChange });
 *   sound.toggle(), sound.setVolume(0.5), sound.state    // {on, asked, volume}
 *
 * `asked`: sound is wanted, by an earlier visit or by a tap that the browser refused, and needs a tap now.
 */

import { choices } from "./choices.js";

export function createSound(video, { onChange = () => {} } = {}) {
  let asked = choices.wantsSound;
  video.volume = choices.volume;

  const api = {
    get state() {
      return { on: !video.muted && video.volume > 0, asked: asked && video.muted, volume: video.volume };
    },
    /** Call it in the handler of a tap or a key: the browser looks. */
    async turn(on) {
      choices.wantsSound = on;
      asked = on;
      if (on && video.volume === 0) video.volume = 0.5;
      video.muted = !on;
      if (on && video.paused) {
        await video.play().catch((error) => {
          if (error.name !== "NotAllowedError") return undefined;
          video.muted = true; // refused: the picture goes on without sound
          return video.play().catch(() => {});
        });
      }
      onChange();
    },
    toggle: () => api.turn(video.muted),
    setVolume(value) {
      video.volume = value;
      choices.volume = value;
      if (value > 0 && video.muted) api.turn(true);
      else if (value === 0) api.turn(false);
      else onChange();
    },
  };
  video.addEventListener("volumechange", onChange);
  return api;
}
