/**
 * Which moment of the show is where in the buffer. Pure.
 *
 * The buffer's time goes on without holes from take to take, the show's does not: each part is remembered with its
 * place in both.
 */

export function createTimeline() {
  let spans = []; // {from, to} in seconds of the buffer, {at} in server milliseconds of `from`; in order

  return {
    /** A part lies in the buffer from `from` to `to`; what was there before it is overwritten. */
    add(from, to, at) {
      if (spans.length && from < spans.at(-1).to - 0.001) spans = spans.filter((each) => each.from < from - 0.001 || each.from >= to - 0.001);
      const place = spans.findLastIndex((each) => each.from < from) + 1;
      spans.splice(place, 0, { from, to, at });
    },
    /** Server milliseconds of a time in the buffer; that of the last frame before it in a hole. Null before all. */
    wallTimeOf(time) {
      const span = spans[spans.findLastIndex((each) => each.from <= time + 0.001)];
      return span ? span.at + Math.min(Math.max(0, time - span.from), span.to - span.from) * 1000 : null;
    },
    /** Forget what lies before a time of the buffer. */
    trim(before) {
      const first = spans.findIndex((each) => each.to > before);
      spans = first < 0 ? [] : spans.slice(first);
    },
  };
}
