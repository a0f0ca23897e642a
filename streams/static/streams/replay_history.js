/**
 * The room as it was: a store of its own (store.js) that is fed from the archive, in step with the film.
 *
 *   const history = createHistory({ get, store });
 *   await history.load();               // the start, and everything that the room's state follows from
 *   await history.seek(wall);           // the room of that moment, with the last lines of its chat
 *   history.advance(wall);              // what happened since; the chat ahead of it is fetched in time
 *
 * Both return what changed, as `store.apply` does. The archive's events are numbered anew, one behind the other: the
 * store's rule that nothing may be missing holds for what it is told here.
 */

const EPOCH = "replay";
const AHEAD = 30_000; // ms of talk that wait before they are due
const PAGE = 300;
const AGAIN = 3_000;
const NOBODY = { people: 0, simulated: 0 };

/** @param get (path, query) -> Promise<data>, below /api/v1/shows/<slug>/replay; throws when it fails */
export function createHistory({ get, store, now = () => performance.now() }) {
  let start = null;
  let room = []; // the room lane, whole
  let told = 0; // how much of it the store was told
  let talk = []; // the talk lane from `told` on, as far as it was fetched
  let more = 0; // the place from where the talk lane goes on; null at its end
  let fetching = null;
  let failed = -Infinity;
  let seq = 0;
  let turn = 0;

  async function load() {
    let after = 0;
    [start, room] = [await get("start", {}), []];
    while (after !== null) {
      const page = await get("events", { lane: "room", after, limit: 500 });
      room.push(...page.events);
      after = page.next;
    }
    // As the room was told them: in the order of the log, none before the one in front of it.
    let latest = -Infinity;
    for (const event of room) event.due = latest = Math.max(latest, event.at);
  }

  /** What is due of a list, taken out of it. */
  function due(list, from, wall) {
    let until = from;
    while (until < list.length && list[until].due <= wall) until += 1;
    return until;
  }

  const numbered = (events) => events.map((event) => ({ ...event, seq: (seq += 1) }));

  /**
   * The room of a moment: the start, every event of the room lane until then, the chat and the requests of then.
   * Whoever is overtaken by a later jump resolves to null and has changed nothing.
   */
  async function seek(wall) {
    const mine = (turn += 1);
    [talk, more] = [[], null];
    const moment = await get("moment", { at: Math.floor(wall) });
    if (mine !== turn) return null;
    told = due(room, 0, wall);
    [seq, talk, more] = [0, [], moment.place];
    const first = { type: "room.snapshot", at: wall, seq: 0, data: start };
    store.apply({ epoch: EPOCH, events: [first, ...numbered(room.slice(0, told))] });
    const chat = moment.chat.map(({ place: _place, ...line }, index) => ({ ...line, seq: index - moment.chat.length }));
    const then = { ...store.snapshot(), chat, requests: moment.requests, counts: NOBODY };
    [seq] = [0];
    const { changed } = store.apply({ epoch: EPOCH, events: [{ type: "room.snapshot", at: wall, seq: 0, data: then }] });
    fill(wall);
    return changed;
  }

  /** Time went on, by itself. */
  function advance(wall) {
    const [room_, talk_] = [due(room, told, wall), due(talk, 0, wall)];
    const events = [...room.slice(told, room_), ...talk.slice(0, talk_)].sort((one, other) => one.place - other.place);
    told = room_;
    talk = talk.slice(talk_);
    fill(wall);
    return events.length ? store.apply({ epoch: EPOCH, events: numbered(events) }).changed : new Set();
  }

  /** Have the next talk at hand. */
  async function fill(wall) {
    const last = talk.at(-1);
    if (fetching === turn || more === null || (last && last.due > wall + AHEAD) || now() < failed + AGAIN) return;
    const mine = (fetching = turn);
    try {
      const page = await get("events", { lane: "talk", after: more, limit: PAGE });
      if (mine !== turn) return;
      let latest = talk.at(-1)?.due ?? -Infinity;
      for (const event of page.events) event.due = latest = Math.max(latest, event.at);
      talk.push(...page.events);
      more = page.next;
    } catch {
      failed = now();
    } finally {
      if (fetching === mine) fetching = null;
    }
  }

  return { load, seek, advance };
}
