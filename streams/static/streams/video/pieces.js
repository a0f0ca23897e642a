/**
 * Pieces of a picture as the server sends them: two bytes with the length of a JSON head, the head, the payload.
 *
 *   init  {kind, take, rendition, codecs, width, height, msn, part, segment, at, source, payload}
 *   part  {kind, take, msn, index, start, duration, at, independent, payload}
 *   end   {kind, take, reason}
 *
 * Times of a take begin at 0 and are in seconds; `at` is in server milliseconds.
 */

const text = new TextDecoder();

/** @param data an ArrayBuffer. Throws RangeError or SyntaxError for what is not a piece. */
export function decode(data) {
  const length = new DataView(data).getUint16(0);
  if (length + 2 > data.byteLength) throw new RangeError("a piece is shorter than its head says");
  return { ...JSON.parse(text.decode(new Uint8Array(data, 2, length))), payload: new Uint8Array(data, 2 + length) };
}

/** What a SourceBuffer has to be made for. */
export const mimeOf = (init) => `video/mp4; codecs="${init.codecs}"`;

/** Which tracks a take has: a buffer made for picture and sound can not take up one without sound. */
export const tracksOf = (init) => (init.codecs.includes("mp4a") || init.codecs.includes("opus") ? "both" : "picture");

/** Whether part `next` is the one right after part `last` of the same take. */
export const follows = (last, next) => last.take === next.take && ((next.msn === last.msn && next.index === last.index + 1) || (next.msn === last.msn + 1 && next.index === 0));

/** Whether `part` is `last` or was before it. */
export const isOld = (last, part) => part.take < last.take || (part.take === last.take && (part.msn < last.msn || (part.msn === last.msn && part.index <= last.index)));
