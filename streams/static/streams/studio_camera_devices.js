/**
 * The camera, the microphone and the screen of this computer, as one stream.
 *
 *   const devices = createDevices({ onStream, onList, onLevel, onTrouble });
 *   await devices.open({ camera, microphone, shape, screen });   // what is missing stays as it was
 *   devices.mute(true); devices.close(); devices.stream
 *
 * `onStream(stream | null)`; `onList({cameras, microphones})`, named once the browser may use them;
 * `onLevel(0..1)` some ten times a second; `onTrouble(sentence)`.
 */

const LEVEL_EVERY = 100;
const LOUD = 4; // speech fills a quarter of the range
const SIZES = { wide: { width: { ideal: 1280 }, height: { ideal: 720 } }, tall: { width: { ideal: 720 }, height: { ideal: 1280 } } };

const SENTENCES = {
  insecure: "Browsers lend their camera to secure pages only. Open this console over https, or on localhost.",
  NotAllowedError: "The browser may not use your camera. Allow it beside the page's address, then try again.",
  NotFoundError: "No camera was found. Plug one in, or share your screen.",
  NotReadableError: "The camera is in use by another program. Close that one, then try again.",
  gone: "The camera is gone. Plug it in again, or choose another one.",
  deaf: "The microphone is gone. The picture goes on without sound.",
};
const sentenceOf = (error) => SENTENCES[error.name] ?? "The camera could not be opened. Try another one.";

export function createDevices({ onStream, onList, onLevel, onTrouble }) {
  const chosen = { camera: "", microphone: "", shape: "wide", screen: false };
  let stream = null;
  let muted = false;
  let context = null;
  let timer = null;
  let asked = 0;

  async function open(changes = {}) {
    if (!navigator.mediaDevices?.getUserMedia) {
      onTrouble(SENTENCES.insecure);
      return false;
    }
    const before = { ...chosen };
    Object.assign(chosen, changes);
    const mine = (asked += 1);
    let opened;
    try {
      opened = await (chosen.screen ? screen() : camera());
    } catch (error) {
      Object.assign(chosen, before);
      // Who closes the browser's list of screens has changed their mind.
      if (mine === asked && !(changes.screen && error.name === "NotAllowedError")) onTrouble(sentenceOf(error));
      return false;
    }
    if (mine !== asked) {
      stopTracks(opened);
      return false;
    }
    take(opened);
    list();
    return true;
  }

  async function camera() {
    const exact = (id) => (id ? { deviceId: { exact: id } } : {});
    const video = { ...exact(chosen.camera), ...SIZES[chosen.shape], frameRate: { ideal: 30, max: 30 } };
    const audio = { ...exact(chosen.microphone), echoCancellation: true, noiseSuppression: true };
    try {
      return await navigator.mediaDevices.getUserMedia({ video, audio });
    } catch (error) {
      if (error.name === "OverconstrainedError") {
        chosen.camera = chosen.microphone = ""; // a device that was chosen once, and is not there now
        return navigator.mediaDevices.getUserMedia({ video: { ...SIZES[chosen.shape] }, audio: true });
      }
      // A computer without a microphone can be seen all the same.
      if (error.name === "NotFoundError") return navigator.mediaDevices.getUserMedia({ video });
      throw error;
    }
  }

  async function screen() {
    const shared = await navigator.mediaDevices.getDisplayMedia({ video: { ...SIZES.wide, frameRate: { ideal: 24, max: 30 } } });
    try {
      const voice = await navigator.mediaDevices.getUserMedia({ audio: chosen.microphone ? { deviceId: { exact: chosen.microphone } } : true });
      shared.addTrack(voice.getAudioTracks()[0]);
    } catch {
      onTrouble("Your screen is shared without sound: there is no microphone that the browser may use.");
    }
    return shared;
  }

  function take(opened) {
    if (stream) stopTracks(stream);
    stream = opened;
    for (const track of stream.getTracks()) track.addEventListener("ended", () => stream === opened && lost(track));
    mute(muted);
    listen();
    onStream(stream);
  }

  function lost(track) {
    if (track.kind === "audio") {
      onTrouble(SENTENCES.deaf);
    } else if (chosen.screen) {
      open({ screen: false });
    } else {
      close();
      onTrouble(SENTENCES.gone);
    }
  }

  function close() {
    asked += 1;
    if (stream) stopTracks(stream);
    stream = null;
    listen();
    onStream(null);
  }

  const stopTracks = (of) => of.getTracks().forEach((track) => track.stop());

  function mute(yes) {
    muted = yes;
    stream?.getAudioTracks().forEach((track) => (track.enabled = !yes));
  }

  function listen() {
    clearInterval(timer);
    context?.close();
    context = null;
    onLevel(0);
    if (!stream?.getAudioTracks().length) return;
    context = new AudioContext();
    const meter = context.createAnalyser();
    meter.fftSize = 512;
    context.createMediaStreamSource(stream).connect(meter);
    const wave = new Float32Array(meter.fftSize);
    timer = setInterval(() => {
      meter.getFloatTimeDomainData(wave);
      const power = wave.reduce((sum, each) => sum + each * each, 0) / wave.length;
      onLevel(Math.min(1, Math.sqrt(power) * LOUD));
    }, LEVEL_EVERY);
  }

  async function list() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    const of = (kind) => all.filter((each) => each.kind === kind && each.deviceId && each.label).map(({ deviceId, label }) => ({ id: deviceId, label }));
    onList({ cameras: of("videoinput"), microphones: of("audioinput") });
  }

  navigator.mediaDevices?.addEventListener?.("devicechange", list);
  list();

  return {
    open,
    close,
    mute,
    get stream() {
      return stream;
    },
    get chosen() {
      return { ...chosen, muted };
    },
  };
}
