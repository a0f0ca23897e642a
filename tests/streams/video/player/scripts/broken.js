async ([broken, whole]) => {
  const { player, video } = await opened();
  const last = document.querySelector(".video__last");
  let held = false;
  new MutationObserver(() => (held ||= !last.hidden)).observe(last, { attributes: true });
  serving.sockets[0].say(LIVE);
  const filming = film(serving.sockets[0], broken);
  await until(() => player.state.shown);
  const before = video.currentTime;
  await filming;
  await until(() => serving.sockets.length === 2 && serving.sockets[1].readyState === 1);
  serving.sockets[1].say(LIVE);
  film(serving.sockets[1], whole);
  await until(() => video.currentTime > before + 0.5 && last.hidden);
  const answer = { before, later: video.currentTime, held, holds: !last.hidden, sockets: serving.sockets.length, error: video.error };
  player.destroy();
  return answer;
}
