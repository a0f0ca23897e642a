/**
 * What a live media playlist names, as far as a player needs it. Pure.
 *
 *   readPlaylist(text, base)   // {parts, hint, ended}
 *   parts: [{url, map, take, msn, index, duration, at, independent}], the newest last; `map` is the take's beginning
 *   hint:  {url, msn, index} of the part that comes next, or null
 */

const attributes = (text) => Object.fromEntries([...text.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^,]*)/g)].map(([, name, value]) => [name, value.replaceAll('"', "")]));

const PLACE = /(\d+)\.(\d+)\.m4s$/;
const TAKE = /(\d+)\.mp4$/;

export function readPlaylist(text, base) {
  const parts = [];
  let [map, take, at, hint] = [null, 0, 0, null];
  for (const line of text.split("\n")) {
    const [tag, rest = ""] = line.split(/:(.*)/s);
    const told = attributes(rest);
    if (tag === "#EXT-X-MAP") [map, take] = [new URL(told.URI, base).href, Number(TAKE.exec(told.URI)?.[1] ?? take + 1)];
    if (tag === "#EXT-X-PROGRAM-DATE-TIME") at = Date.parse(rest);
    if (tag !== "#EXT-X-PART" && tag !== "#EXT-X-PRELOAD-HINT") continue;
    const [, msn, index] = (PLACE.exec(told.URI) ?? []).map(Number);
    if (!(index >= 0)) continue;
    const named = { url: new URL(told.URI, base).href, msn, index };
    if (tag === "#EXT-X-PRELOAD-HINT") hint = told.TYPE === "PART" ? named : hint;
    else if (told.GAP !== "YES") {
      const duration = Number(told.DURATION);
      parts.push({ ...named, map, take, duration, at, independent: told.INDEPENDENT === "YES" });
      at += duration * 1000;
    }
  }
  return { parts, hint, ended: text.includes("#EXT-X-ENDLIST") };
}
