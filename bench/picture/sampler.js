/**
 * Runs in a viewer's page. Reads the barcode (geometry as bench/picture/barcode.py tells it) of every frame that is
 * presented, and keeps [when, how old] in milliseconds. Both clocks are this machine's.
 */
window.livestoreSampler = (video, { left, top, cell, columns, rows, bits }) => {
  const canvas = document.createElement("canvas");
  const width = columns * cell;
  const height = rows * cell;
  canvas.width = columns * 4;
  canvas.height = rows * 4;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const found = { samples: [], unread: 0, began: performance.now(), first: video.currentTime };

  function read() {
    // A rendition of another size shows the same strip, smaller.
    const scale = video.videoWidth / 480;
    context.drawImage(video, left * scale, top * scale, width * scale, height * scale, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const bit = (place) => {
      const x = (place % columns) * 4;
      const y = Math.floor(place / columns) * 4;
      let sum = 0;
      for (const dy of [1, 2]) for (const dx of [1, 2]) sum += data[((y + dy) * canvas.width + x + dx) * 4];
      return sum > 4 * 127 ? 1 : 0;
    };
    let value = 0;
    let parity = 0;
    for (let place = 0; place < bits; place += 1) {
      value = value * 2 + bit(place);
      parity ^= bit(place);
    }
    return parity === bit(bits) ? value : null;
  }

  function frame() {
    const now = performance.timeOrigin + performance.now();
    const value = read();
    const whole = 2 ** bits;
    const age = value === null ? null : (((now - value) % whole) + whole) % whole;
    if (age === null || age > 60_000) found.unread += 1;
    else found.samples.push([Math.round(now), Math.round(age)]);
    video.requestVideoFrameCallback(frame);
  }
  video.requestVideoFrameCallback(frame);
  return found;
};
