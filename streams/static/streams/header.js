/** The top of the room: host, state with the elapsed time, people, follow. */

import { clockface, every, now } from "./clock.js";
import { $, $$, plural, roll, say } from "./dom.js";
import { del, put } from "./api.js";
import { toast } from "./toast.js";

const WORDS = { live: "LIVE", paused: "Break", scheduled: "Coming up", ended: "Ended", draft: "Draft" };

export function createHeader(room) {
  const { store, config } = room;
  const badge = $("#state-badge");
  const elapsed = $("#elapsed");
  const people = $("#people");
  const detail = $("#people-detail");

  every(() => {
    const { show } = store.state;
    const running = show && ["live", "paused"].includes(show.state) && show.started_at;
    say(elapsed, running ? clockface(Math.floor((now() - show.started_at) / 1000) * 1000) : "");
  });

  people.addEventListener("click", () => {
    const open = detail.hidden;
    detail.hidden = !open;
    people.setAttribute("aria-expanded", String(open));
  });
  document.addEventListener("click", (event) => {
    if (detail.hidden || event.target.closest("#people, #people-detail")) return;
    detail.hidden = true;
    people.setAttribute("aria-expanded", "false");
  });

  /** Follow or stop following the host; a guest is asked to log in first. */
  async function follow() {
    if (!room.known("follow")) return;
    const path = `/follows/${encodeURIComponent(config.host_username)}`;
    const reply = await (config.following ? del(path) : put(path, {}));
    if (!reply.ok) {
      toast(reply.error.message, { tone: "bad" });
      return;
    }
    config.following = !config.following;
    showFollow();
    toast(config.following ? `You follow ${store.state.show.host.name}.` : "You no longer follow this host.");
  }

  function showFollow() {
    for (const button of $$("[data-follow]")) {
      say(button, config.following ? "Following" : (button.dataset.label ?? "Follow"));
      button.setAttribute("aria-pressed", String(config.following));
    }
  }
  $$("[data-follow]").forEach((button) => button.addEventListener("click", follow));
  showFollow();

  return {
    follow,
    render(changed) {
      if (changed.has("show")) {
        const { show } = store.state;
        say(badge, WORDS[show.state]);
        badge.className = `badge ${show.state === "live" ? "badge-live" : "badge-glass"}`;
        say($("#show-title"), show.title);
      }
      if (changed.has("counts")) {
        const { people: real, simulated } = store.state.counts;
        roll($("#people-count"), real + simulated);
        people.setAttribute("aria-label", `${plural(real + simulated, "person", "people")} watching`);
        say($("#people-real"), plural(real, "person", "people"));
        say($("#people-simulated"), `${simulated.toLocaleString("en")} simulated`);
      }
    },
  };
}
