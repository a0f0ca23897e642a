/** The server's clock, as well as the browser can know it, and one ticker for everything that counts. */

let offset = null;

/**
 * Every event says when it was made. Nothing arrives before it was made, so the largest difference seen is the
 * one with the least delay in it.
 */
export function learn(at) {
  const seen = at - Date.now();
  if (offset === null || seen > offset) offset = seen;
}

export const now = () => Date.now() + (offset ?? 0);

const ticking = new Set();
let timer = null;

function tick() {
  const time = now();
  for (const work of ticking) work(time);
}

/** Calls `work(serverNow)` four times a second until the returned function is called. */
export function every(work) {
  ticking.add(work);
  timer ??= setInterval(tick, 250);
  work(now());
  return () => {
    ticking.delete(work);
    if (!ticking.size) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** `4:09`, or `1:04:09`; never below zero. */
export function clockface(milliseconds) {
  const total = Math.max(0, Math.ceil(milliseconds / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** How far away something is, in words: `2 days`, `3 h 20 min`, `4:59`. */
export function away(milliseconds) {
  const minutes = Math.ceil(milliseconds / 60000);
  if (minutes < 60) return clockface(milliseconds);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} days`;
}
