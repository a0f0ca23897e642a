async () => {
  const { createServerClock } = await import("/static/streams/video/server_clock.js");
  let local = 5000;
  const clock = createServerClock(() => local);
  const seen = [clock.now()];
  clock.told(9000);
  seen.push(clock.offset);
  clock.answered(4000, 9100); // took a second
  seen.push(clock.offset);
  clock.answered(4980, 9000); // took 20 ms
  seen.push(clock.offset);
  clock.answered(4600, 9700);
  seen.push(clock.offset);
  local = 6000;
  return [...seen, clock.now()];
}
