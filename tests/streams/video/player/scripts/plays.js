async ([first, second]) => {
  const { player, video, socket, states } = await opened();
  const blank = [];
  const watching = setInterval(() => {
    if (!player.state.shown) return;
    const last = document.querySelector(".video__last");
    if (video.readyState < 2 && last.hidden) blank.push(Math.round(video.currentTime * 100) / 100);
  }, 5);
  socket.say(LIVE);
  const filming = film(socket, first);
  await until(() => player.state.shown && player.state.phase === "live");
  await sleep(300);
  const [began, from, wall] = [performance.now(), video.currentTime, player.wallTime()];
  await sleep(1200);
  const rate = (video.currentTime - from) / ((performance.now() - began) / 1000);
  const wallRate = (player.wallTime() - wall) / (performance.now() - began);
  await filming;
  const sound = video.webkitAudioDecodedByteCount;
  socket.say({ ...LIVE, state: "waiting", reason: "switched" });
  await until(() => player.state.phase === "gone");
  for (let at = -1; at !== video.currentTime; await sleep(250)) at = video.currentTime; // the last picture stays
  const atEnd = video.currentTime;
  const sizes = [video.videoWidth];
  const silent = player.wallTime();
  socket.say(LIVE);
  const next = film(socket, second);
  let lowest = atEnd;
  await until(() => {
    if (video.currentTime > 0) lowest = Math.min(lowest, video.currentTime);
    return video.videoWidth !== sizes[0] && video.currentTime > atEnd + 0.2;
  });
  sizes.push(video.videoWidth);
  const later = player.wallTime();
  await next;
  clearInterval(watching);
  const answer = { rate, wallRate, sound, atEnd, lowest, sizes, wall, silent, later, blank, states, muted: video.muted, sockets: serving.sockets.length, delay: player.delay() };
  player.destroy();
  return { ...answer, left: document.querySelectorAll("video").length };
}
