/** When each item was on air, in the lists of the page: a tap goes there. */

import { $$, h, icon } from "./dom.js";
import { chapterAt, face, momentsOf } from "./replay_film.js";

const FEW = 4;

export function createMoments(room, { film, video, seek }) {
  let on = null;

  const moment = (chapter) =>
    h("button", { type: "button", class: "moment figures", "aria-label": `See it at ${face(chapter.t)}`, onclick: () => room.toMoment(chapter.t) }, icon("play"), face(chapter.t));

  room.toMoment = (position) => {
    document.querySelectorAll("dialog.sheet--tall[open]").forEach((each) => each.close());
    seek(position);
    video.play().catch(() => {});
  };

  /** Lists are drawn by others: rows that came since get their moments. */
  function render() {
    for (const row of $$(".item[data-number]")) {
      row.dataset.now = String(on?.number === Number(row.dataset.number));
      if (row.querySelector(".moments")) continue;
      const found = momentsOf(film, Number(row.dataset.number));
      const rest = found.length - FEW;
      row.append(h("span", { class: "moments" }, ...found.slice(0, FEW).map(moment), rest > 0 ? h("span", { class: "moments__more" }, `and ${rest} more`) : null));
    }
  }

  return {
    render,
    /** The position changed. */
    moved() {
      const chapter = chapterAt(film, video.currentTime);
      if (chapter === on) return;
      on = chapter;
      render();
    },
  };
}
