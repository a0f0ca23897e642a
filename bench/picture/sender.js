/**
 * Runs in the host's page before its scripts: the camera is a canvas with the barcode of the time, and the microphone a
 * tone that sounds for 100 ms at each whole second, in which the canvas has a white square.
 */
(({ left, top, cell, columns, rows, bits }) => {
  const canvas = document.createElement("canvas");
  canvas.width = 480;
  canvas.height = 854;
  const context = canvas.getContext("2d");
  const FLASH = 100;

  function draw() {
    const now = Math.round(performance.timeOrigin + performance.now());
    context.fillStyle = "#777";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = now % 1000 < FLASH ? "#fff" : "#000";
    context.fillRect(120, 500, 240, 240);
    context.fillStyle = "#000";
    context.fillRect(left - cell / 2, top - cell / 2, (columns + 1) * cell, (rows + 1) * cell);
    let parity = 0;
    for (let place = 0; place <= bits; place += 1) {
      const bit = place === bits ? parity : Math.floor(now / 2 ** (bits - 1 - place)) % 2;
      if (place < bits) parity ^= bit;
      context.fillStyle = bit ? "#fff" : "#000";
      context.fillRect(left + (place % columns) * cell, top + Math.floor(place / columns) * cell, cell, cell);
    }
  }

  async function open() {
    const picture = canvas.captureStream(30);
    setInterval(draw, 1000 / 30);
    const audio = new AudioContext({ sampleRate: 48000 });
    await audio.resume();
    const out = audio.createMediaStreamDestination();
    const level = audio.createGain();
    level.gain.value = 0;
    const tone = audio.createOscillator();
    tone.frequency.value = 1000;
    tone.connect(level).connect(out);
    tone.start();
    let told = 0;
    setInterval(() => {
      const now = performance.timeOrigin + performance.now();
      const next = Math.ceil(now / 1000) * 1000;
      if (next === told || next - now > 300) return;
      told = next;
      const at = audio.currentTime + (next - now) / 1000;
      level.gain.setValueAtTime(0.8, at);
      level.gain.setValueAtTime(0, at + FLASH / 1000);
    }, 50);
    return new MediaStream([...picture.getVideoTracks(), ...out.stream.getAudioTracks()]);
  }

  let stream;
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    stream ??= open();
    const tracks = (await stream).getTracks().filter((track) => wanted[track.kind]);
    return new MediaStream(tracks.map((track) => track.clone()));
  };
})
