async ({ pieces, text }) => {
  const { decode } = await import("/static/streams/video/pieces.js");
  const { readInit, startOf } = await import("/static/streams/video/boxes.js");
  const { readPlaylist } = await import("/static/streams/video/playlist.js");
  const encode = (bytes) => btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join(""));
  const read = pieces.map((each) => decode(Uint8Array.from(atob(each), (letter) => letter.charCodeAt(0)).buffer));
  return {
    pieces: read.map((each) => ({ ...each, payload: encode(each.payload) })),
    init: readInit(read[0].payload),
    starts: read.filter((each) => each.kind === "part").map((each) => startOf(each.payload)),
    playlist: readPlaylist(text, "http://store.test/media/shows/a/live/source.m3u8"),
  };
}
