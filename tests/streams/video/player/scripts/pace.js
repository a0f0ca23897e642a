async ({ delays, behind, seconds }) => {
  const { createPace } = await import("/static/streams/video/pace.js");
  const pace = createPace();
  let position = -behind, end = 0, next = 0, rate = 1, stalls = 0, jumps = 0, from = null;
  const rates = [], spare = [];
  for (let tick = 0; tick < seconds * 100; tick += 1) {
    const now = tick / 100;
    while (now >= (next + 1) * 0.25 + delays[next % delays.length]) {
      pace.arrived(now, end);
      if (now > seconds - 6) spare.push(end - position);
      end += 0.25;
      next += 1;
    }
    if (tick % 25 === 0) {
      const step = pace.step(now, position, end);
      rate = step.rate;
      if (step.jump !== null) { position = step.jump; jumps += 1; }
      if (now > 3) rates.push(rate);
    }
    if (position + rate / 100 <= end) position += rate / 100;
    else if (position < end - 0.001) { position = end; stalls += 1; pace.stalled(); }
  }
  return { ahead: end - position, least: Math.min(...spare), most: Math.max(...spare), fastest: Math.max(...rates), slowest: Math.min(...rates), stalls, jumps, margin: pace.margin };
}
