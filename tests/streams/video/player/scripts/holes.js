async ([pieces, again]) => {
  const { player, video, socket, states } = await opened();
  socket.say(LIVE);
  for (const each of pieces) socket.onmessage({ data: bytesOf(each) });
  await until(() => player.state.shown && video.buffered.length && player.figures.parts === again.fresh);
  const before = { ranges: video.buffered.length, length: video.buffered.end(0) - video.buffered.start(0) };
  socket.end(1006);
  await until(() => serving.sockets.length === 2 && serving.sockets[1].readyState === 1);
  for (const each of again.pieces) serving.sockets[1].onmessage({ data: bytesOf(each) });
  await until(() => player.figures.parts === again.total);
  await sleep(100);
  const answer = { before, ranges: video.buffered.length, parts: player.figures.parts, length: video.buffered.end(0) - video.buffered.start(0), wall: player.wallTime() };
  player.destroy();
  return answer;
}
