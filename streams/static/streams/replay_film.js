/**
 * A replay's film as a value: what `replay.json` tells, unfolded. Pure: no DOM, no network.
 *
 * Three kinds of time, as on the server (streams/video/replay/timeline.py): `position` is seconds of the replay, media
 * time is seconds of a take, wall time is server milliseconds, which the room's events carry.
 */

/**
 * @param told replay.json
 * @param base the address that the films' addresses are relative to
 * @returns {seconds, takes, segments, gaps, chapters}
 *   takes     [{take, mime, url, head, offset, start, end, wallStart, shift}]; media time + shift = position
 *   segments  [{take (index into takes), start, end (positions), from, bytes, at, independent}]
 *   gaps      [{at (position), seconds}] where time is left out
 */
export function unfold(told, base) {
  const segments = [];
  const takes = told.timeline.map((entry, index) => {
    const { mime, head, film, segments: rows } = told.takes[index];
    const shift = entry.offset - entry.start;
    let start = Math.round(entry.start * 1000);
    const begin = start;
    let from = head;
    for (const [length, size, drift = 0] of rows) {
      const bytes = Math.abs(size);
      segments.push({ take: index, start: start / 1000 + shift, end: (start + length) / 1000 + shift, from, bytes, at: entry.wall_start + start - begin + drift, independent: size > 0 });
      start += length;
      from += bytes;
    }
    return { take: entry.take, mime, url: new URL(film, base).href, head, offset: entry.offset, start: entry.start, end: entry.end, wallStart: entry.wall_start, shift };
  });
  const gaps = told.timeline.filter((entry) => entry.gap_before_seconds >= 1).map((entry) => ({ at: entry.offset, seconds: entry.gap_before_seconds }));
  return { seconds: told.seconds, takes, segments, gaps, chapters: told.chapters };
}

/** The index of the last one whose `value(each)` is not greater than `wanted`; 0 when all are. */
function lastUntil(list, wanted, value) {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (value(list[middle]) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

export const segmentAt = (film, position) => lastUntil(film.segments, position, (each) => each.start);

/** Server milliseconds of a position. */
export function wallOf(film, position) {
  const segment = film.segments[segmentAt(film, position)];
  return Math.round(segment.at + Math.max(0, Math.min(position, segment.end) - segment.start) * 1000);
}

/** The position of a wall time: a time without a picture is where the next picture begins; at most the end. */
export function positionOf(film, wall) {
  const index = lastUntil(film.segments, wall, (each) => each.at);
  const segment = film.segments[index];
  const inside = Math.max(0, (wall - segment.at) / 1000);
  const next = film.segments[index + 1];
  if (next && next.take !== segment.take && inside > segment.end - segment.start) return next.start;
  return Math.min(segment.start + inside, segment.end);
}

/** The chapter at a position, or null between two of them. */
export const chapterAt = (film, position) => film.chapters.find((each) => each.t <= position && position < each.until) ?? null;

/** When an item was on air: the chapters of its number. */
export const momentsOf = (film, number) => film.chapters.filter((each) => each.number === number);

/** The gap whose end was just passed: for some seconds it is said that time was left out. */
export const gapAt = (film, position, seconds = 4) => film.gaps.find((each) => each.at <= position && position < each.at + seconds) ?? null;

/** `12 s`, `4 min`, `1 h 20 min`. */
export function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
}

/** `4:09`, `1:04:09`: the second that runs, not the one that comes. */
export function face(seconds) {
  const whole = Math.max(0, Math.floor(seconds + 0.001));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A position as an address writes it (`?t=95`, also `1m35s`, `1:35`), or null. */
export function parsePosition(text) {
  if (!text) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const parts = text.match(/^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/) ?? text.match(/^(?:(\d+):)?(\d+):(\d+)$/);
  if (!parts) return null;
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((each) => Number(each ?? 0));
  return hours * 3600 + minutes * 60 + seconds;
}
