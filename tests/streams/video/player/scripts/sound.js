async () => {
  const { createSound } = await import("/static/streams/video/sound.js");
  const opened = () => {
    const video = document.createElement("video");
    video.muted = true;
    return { video, sound: createSound(video) };
  };
  const seen = [];
  const first = opened();
  seen.push(first.sound.state);
  first.sound.turn(true);
  seen.push(first.sound.state);
  const second = opened(); // the next visit
  seen.push(second.sound.state);
  second.sound.toggle();
  second.sound.toggle();
  seen.push(second.sound.state, opened().sound.state);
  return seen.map(({ on, asked }) => [on, asked]);
}
