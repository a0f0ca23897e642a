async (code) => {
  const real = setTimeout;
  globalThis.setTimeout = (work, ms) => real(work, ms / 50); // its patience, in a fiftieth of the time
  const { createLiveSocket } = await import("/static/streams/video/live_socket.js");
  const lost = [];
  const closings = code ? [code, code] : [];
  serving.joined = (socket) => {
    if (closings.length) { socket.say(LIVE); socket.end(closings.shift()); }
    else if (!code) socket.end(1006);
  };
  const transport = createLiveSocket({ slug: "a-show", onPiece() {}, onState() {}, onLost: (why) => lost.push(why) });
  await until(() => lost.length, 9000);
  const sockets = serving.sockets.length;
  transport.stop();
  return { lost, sockets };
}
