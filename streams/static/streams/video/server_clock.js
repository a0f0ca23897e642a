/** The server's clock from questions and answers: the quickest answer of the last ones knows it best. Pure. */

const KEPT = 8;

export function createServerClock(local = () => Date.now()) {
  let heard = []; // {offset, took} in milliseconds

  return {
    /** An answer to a question asked at `asked` (local milliseconds): the server said `now`. */
    answered(asked, now) {
      const took = local() - asked;
      if (took < 0) return;
      heard = [...heard, { offset: now - asked - took / 2, took }].slice(-KEPT);
    },
    /** Something that was sent at server time `now`, and took who knows how long: used until there is an answer. */
    told(now) {
      if (!heard.length) heard = [{ offset: now - local(), took: Infinity }];
    },
    /** Milliseconds to add to the local clock; null when nothing is known. */
    get offset() {
      return heard.length ? heard.reduce((best, each) => (each.took <= best.took ? each : best)).offset : null;
    },
    /** Server milliseconds, or null. */
    now() {
      return this.offset === null ? null : local() + this.offset;
    },
  };
}
