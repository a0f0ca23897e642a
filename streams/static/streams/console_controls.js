/** Go live, pause, go on, end (asks once), pin next, unpin. */

import { $, say } from "./dom.js";
import { ask } from "./sheet.js";

export function createControls(room) {
  const { store } = room;
  const start = $("#show-start");
  const pauseTop = $("#show-pause");
  const end = $("#show-end");
  const nextButton = $("#next-item");
  const unpinButton = $("#unpin-item");
  const pauseKey = $("#pause-key");

  /** Runs one command at a time; the room's own event shows what became of it. */
  const once = (work) => {
    let busy = false;
    return async () => {
      if (busy) return;
      busy = true;
      await work();
      busy = false;
    };
  };
  const state = () => store.state.show.state;
  const next = once(() => (room.isOpen() ? room.command("item.next") : undefined));
  const unpin = once(() => (store.state.pinned ? room.command("item.unpin") : undefined));
  const pause = once(() => {
    if (state() === "live") return room.command("show.pause");
    return state() === "paused" ? room.command("show.resume") : undefined;
  });
  const goLive = once(() => room.command("show.start"));
  const finish = once(async () => {
    const running = store.state.deals.length;
    const sure = await ask({
      title: "End the show?",
      text: `Viewers see a thank-you.${running ? " Running deals end now." : ""} Show prices end. A show that is over can not be opened again.`,
      yes: "End the show",
      no: "Stay on air",
      danger: true,
    });
    if (sure) await room.command("show.end");
  });

  start.addEventListener("click", goLive);
  pauseTop.addEventListener("click", pause);
  pauseKey.addEventListener("click", pause);
  end.addEventListener("click", finish);
  nextButton.addEventListener("click", next);
  unpinButton.addEventListener("click", unpin);

  return {
    next,
    pause,
    unpin,
    render(changed) {
      if (!changed.has("show") && !changed.has("pinned") && !changed.has("items")) return;
      const now = state();
      const open = room.isOpen();
      start.hidden = open || now === "ended";
      pauseTop.hidden = !open;
      end.hidden = !open;
      say(pauseTop, now === "paused" ? "Go on" : "Pause");
      pauseKey.firstChild.textContent = now === "paused" ? "Go on " : "Pause ";
      nextButton.disabled = !open || !store.state.items.some((each) => each.state === "next");
      unpinButton.disabled = !open || !store.state.pinned;
      pauseKey.disabled = !open;
      start.disabled = store.state.items.length === 0;
    },
  };
}
