/**
 * How far behind the newest part to play. Pure: times come in, a speed comes out.
 *
 *   pace.arrived(now, end)          a part has come; `end` is where the buffer ended before it, both in seconds
 *   pace.stalled()                  the picture stood still for want of parts
 *   pace.step(now, position, end)   -> {rate, jump}; `jump` is a time of the buffer to go to, or null
 *
 * A picture that plays at its own speed is short of parts when a part comes late. `spare` is how much was left, in
 * the worst case of the last seconds, when the next part came; it is held at `margin`, neither more nor less.
 */

export const LEAST = 0.07; // seconds to spare for a player on a calm line
export const MOST = 0.8;
const RAISE = 0.08; // for each stall
const CALM = 0.004; // of it is given back each second
const WINDOW = 5; // seconds of arrivals that are looked at; stalls are remembered for longer
const SETTLING = 0.8; // seconds in which parts come in a heap, and say nothing of the line
const FAR = 2; // seconds behind: catching up by speed would take too long
const FASTEST = 1.08;
const SLOWEST = 0.96;
const START = 0.09; // seconds too many before it hurries
const STOP = 0.02;

export function createPace() {
  let margin = LEAST;
  let arrivals = []; // {now, lag}: how late the clock was against the buffer's end when the next part came
  let rate = 1;
  let calmed = null;
  let reach = 0.25; // the buffer's usual growth: what lies ahead right after an arrival, besides the spare
  let last = null;
  let begun = null;

  /** Seconds that would have been left at the latest arrival, for a playhead that is at `position` now. */
  function spare(now, position) {
    if (!arrivals.length) return null;
    return Math.min(...arrivals.map((each) => each.spareAt)) + (now - position);
  }

  return {
    arrived(now, end) {
      begun ??= now;
      if (now - begun < SETTLING) return;
      // A playhead at p(t) = t - d has (end - now) + d to spare at this moment; d is added when it is asked for.
      arrivals.push({ now, spareAt: end - now });
      arrivals = arrivals.filter((each) => now - each.now < WINDOW);
      if (last !== null && end > last && end - last < 1) reach += (end - last - reach) * 0.1;
      last = end;
    },
    stalled() {
      margin = Math.min(MOST, margin + RAISE);
    },
    step(now, position, end) {
      if (calmed !== null) margin = Math.max(LEAST, margin - Math.min(1, Math.max(0, now - calmed)) * CALM);
      calmed = now;
      const ahead = end - position;
      const wanted = margin + reach;
      if (ahead > FAR + margin) {
        rate = 1;
        return { rate, jump: end - wanted };
      }
      const left = spare(now, position);
      // A part that is late right now counts as well.
      const over = left === null ? ahead - wanted : Math.min(left, ahead) - margin;
      if (over > START || (rate > 1 && over > STOP)) rate = Math.min(FASTEST, 1.02 + over * 0.12);
      else if (over < -START / 2 || (rate < 1 && over < -STOP / 2)) rate = Math.max(SLOWEST, 0.99 + over * 0.2);
      else rate = 1;
      return { rate: Math.round(rate * 100) / 100, jump: null };
    },
    /** The buffer's time jumped, or nothing came for long: what was learned of arrivals is not true any more. */
    forget() {
      arrivals = [];
      last = begun = null;
      rate = 1;
    },
    /** Seconds ahead of the playhead right after a part has come. */
    get wanted() {
      return margin + reach;
    },
    get margin() {
      return margin;
    },
  };
}
