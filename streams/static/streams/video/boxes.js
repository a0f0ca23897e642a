/** The few boxes of fragmented MP4 that say what the playlists do not: codecs, size and media times. */

const PARENTS = new Set(["moov", "trak", "mdia", "minf", "stbl", "moof", "traf"]);

/** Walks all boxes: `visit(type, view, path)`, the view on what follows the box's head. */
function walk(data, visit, path = "") {
  let place = 0;
  while (place + 8 <= data.byteLength) {
    const size = data.getUint32(place);
    if (size < 8 || place + size > data.byteLength) return;
    const type = String.fromCharCode(...new Uint8Array(data.buffer, data.byteOffset + place + 4, 4));
    const body = new DataView(data.buffer, data.byteOffset + place + 8, size - 8);
    visit(type, body, path);
    if (PARENTS.has(type)) walk(body, visit, `${path}/${type}`);
    if (type === "stsd" && body.byteLength > 8) walk(new DataView(body.buffer, body.byteOffset + 8, body.byteLength - 8), visit, `${path}/stsd`);
    place += size;
  }
}

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const two = (number) => number.toString(16).padStart(2, "0");

/**
 * What an initialisation segment is for: {codecs, width, height, scale}; `scale` in ticks of the picture's track a
 * second. Codecs are "" when there is neither H.264 nor AAC in it.
 */
export function readInit(bytes) {
  const found = { codecs: [], width: 0, height: 0, scale: 0 };
  let scale = 0;
  walk(viewOf(bytes), (type, body) => {
    if (type === "mdhd") scale = body.getUint32(body.getUint8(0) === 1 ? 20 : 12);
    if (type === "avc1" || type === "avc3") {
      found.scale = scale;
      found.width = body.getUint16(24);
      found.height = body.getUint16(26);
      // 78 bytes of a visual sample entry, then its boxes; avcC: version, profile, compatibility, level
      walk(new DataView(body.buffer, body.byteOffset + 78, body.byteLength - 78), (inner, record) => {
        if (inner === "avcC") found.codecs.push(`${type}.${two(record.getUint8(1))}${two(record.getUint8(2))}${two(record.getUint8(3))}`);
      });
    }
    if (type === "mp4a") found.codecs.push("mp4a.40.2");
  });
  return { ...found, codecs: found.codecs.join(",") };
}

/** Media time of the first frame of a fragment's first track, in ticks; null when it does not say. */
export function startOf(bytes) {
  let start = null;
  walk(viewOf(bytes), (type, body) => {
    if (type !== "tfdt" || start !== null) return;
    start = body.getUint8(0) === 1 ? body.getUint32(4) * 2 ** 32 + body.getUint32(8) : body.getUint32(4);
  });
  return start;
}
