/** What a viewer has chosen for the picture, remembered in this browser. */

const KEYS = { sound: "livestore.muted", step: "livestore.step", quality: "livestore.quality", volume: "livestore.volume" };

function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be forbidden: everything is as for a newcomer then
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // forgotten with the page
  }
}

export const choices = {
  /** Whether somebody has asked for sound before. Nothing ever begins with sound. */
  get wantsSound() {
    return read(KEYS.sound) === "false";
  },
  set wantsSound(yes) {
    write(KEYS.sound, String(!yes));
  },
  get instant() {
    return read(KEYS.step) === "instant";
  },
  set instant(yes) {
    write(KEYS.step, yes ? "instant" : "picture");
  },
  get quality() {
    return read(KEYS.quality) ?? "source";
  },
  set quality(name) {
    write(KEYS.quality, name);
  },
  /** 0-1 */
  get volume() {
    const value = Number(read(KEYS.volume) ?? 1);
    return value >= 0 && value <= 1 ? value : 1;
  },
  set volume(value) {
    write(KEYS.volume, String(value));
  },
};
