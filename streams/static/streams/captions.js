/**
 * What the host says, in words, over the picture: a line is shown when the picture gets to where it was said.
 *
 *   room.captions = createCaptions(room)      a view of the room; lines come from the store
 *   room.captions.toggle()                    on or off, remembered; `on` says which
 *
 * Without a picture lines are shown at once. The same lines are a text track of the video, for the full screen and the
 * small window of a phone, where nothing of the page is seen.
 */

import { now } from "./clock.js";
import { $, h, say } from "./dom.js";

const KEY = "captions";
const LATEST = 5_000; // ms that a line waits for a picture at most
const TICK = 100;
const ROW = { narrow: 34, wide: 42 }; // characters; two rows stand on the screen at one time

/** A line as what is shown at one time, one after the other, of about the same length, split between words. */
export function pagesOf(text, row = ROW.wide) {
  const most = row * 2;
  const count = Math.ceil(text.length / most);
  const aim = text.length / count;
  const pages = [""];
  for (const word of text.split(" ")) {
    const last = pages.at(-1);
    const longer = last ? `${last} ${word}` : word;
    const full = pages.length < count && last.length + word.length / 2 > aim;
    if (last && (full || longer.length > most)) pages.push(word);
    else pages[pages.length - 1] = longer;
  }
  return pages;
}

/** What is on the screen at a time, of the newest line that has been said by then: null when it is over. */
export function pageAt(lines, time, row) {
  const line = lines.findLast((each) => each.at <= time);
  const gone = line ? (time - line.at) / (line.seconds * 1000) : 1;
  if (gone >= 1) return null;
  const pages = pagesOf(line.text, row);
  const letters = pages.reduce((sum, each) => sum + each.length, 0);
  let read = 0;
  return pages.find((page) => (read += page.length) / letters > gone) ?? pages.at(-1);
}

function remembered() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true; // storage may be forbidden: captions are on then
  }
}

/**
 * @param wallTime the picture's time in server ms, null without a picture
 * @param video the element that shows it, if there is one
 * @param latest ms that a line waits for the picture at most
 */
export function createCaptions(room, { beside = $("#stage"), wallTime = () => null, video = () => $("video", beside), latest = LATEST } = {}) {
  const { store } = room;
  const words = h("span", { class: "captions__words" });
  // Screen readers are not interrupted by every sentence: whoever wants to read it finds it here.
  const root = h("div", { class: "captions on-picture", role: "group", "aria-label": "Captions", "aria-live": "off", hidden: true }, h("p", { class: "captions__line" }, words));
  beside.after(root);
  const narrow = matchMedia("(max-width: 599px)");
  const track = createTrack(video);
  let on = remembered();
  let timer = null;

  function picture() {
    const time = wallTime();
    return time === null ? now() : Math.max(time, now() - latest);
  }

  function draw() {
    const time = picture();
    const page = on ? pageAt(store.state.captions, time, narrow.matches ? ROW.narrow : ROW.wide) : null;
    if (page) say(words, page);
    root.hidden = !page;
    const waits = store.state.captions.some((each) => each.at + each.seconds * 1000 > time);
    if (waits && on) timer ??= setInterval(draw, TICK);
    else {
      clearInterval(timer);
      timer = null;
    }
  }

  return {
    get on() {
      return on;
    },
    toggle(wanted = !on) {
      on = wanted;
      track.show(on);
      try {
        if (on) localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, "off");
      } catch {
        // it is forgotten with the page
      }
      draw();
      return on;
    },
    render(changed) {
      if (!changed.has("captions")) return;
      if (changed.has("fresh")) track.clear();
      track.add(store.state.captions, wallTime());
      draw();
    },
  };
}

/** The text track. It shows itself only where the page's own words can not be seen. */
function createTrack(video) {
  let element = null;
  let track = null;
  let wanted = remembered();
  let alone = false;
  let added = 0;

  function mode() {
    if (track) track.mode = alone && wanted ? "showing" : "hidden";
  }

  function follow(fresh) {
    element = fresh;
    track = element.addTextTrack("captions", "Captions");
    for (const [event, seen] of [["enterpictureinpicture", true], ["leavepictureinpicture", false], ["webkitbeginfullscreen", true], ["webkitendfullscreen", false]]) {
      element.addEventListener(event, () => {
        alone = seen;
        mode();
      });
    }
    // A native player finds the same lines in the playlist.
    const others = () => [...element.textTracks].filter((each) => each !== track).forEach((each) => (each.mode = "disabled"));
    element.textTracks.addEventListener("addtrack", others);
    others();
    mode();
  }

  return {
    show(on) {
      wanted = on;
      mode();
    },
    /** The room begins anew: what was said before may be said again. */
    clear() {
      added = 0;
      for (const cue of [...(track?.cues ?? [])]) track.removeCue(cue);
    },
    add(lines, time) {
      const found = video();
      if (!found) return;
      if (found !== element) follow(found);
      if (time === null) return;
      for (const line of lines) {
        if (line.at <= added) continue;
        added = line.at;
        let start = found.currentTime + (line.at - time) / 1000;
        const pages = pagesOf(line.text);
        for (const page of pages) {
          const end = start + (line.seconds * page.length) / line.text.length;
          if (end > 0) track.addCue(new VTTCue(Math.max(0, start), end, page.replace(/&/g, "&amp;").replace(/</g, "&lt;")));
          start = end;
        }
      }
      for (const cue of [...(track.cues ?? [])]) if (cue.endTime < found.currentTime - 60) track.removeCue(cue);
    },
  };
}
