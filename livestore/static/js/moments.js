// <time datetime="2026-05-01T18:00:00Z" data-moment="day|long|short">: the moment in the viewer's own zone.
// Without JavaScript the page shows UTC and says so.
const locale = document.documentElement.lang || "en";
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "long" });
const date = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(locale, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
  timeZoneName: "short",
});

function days(moment, now) {
  const start = (value) => new Date(value.getFullYear(), value.getMonth(), value.getDate());
  return Math.round((start(moment) - start(now)) / 86_400_000);
}

export function momentText(moment, now = new Date()) {
  const away = days(moment, now);
  const time = clock.format(moment);
  if (away === 0) return `Today, ${time}`;
  if (away === 1) return `Tomorrow, ${time}`;
  if (away === -1) return `Yesterday, ${time}`;
  if (away > 1 && away < 7) return `${weekday.format(moment)}, ${time}`;
  return `${date.format(moment)}, ${time}`;
}

export function showMoments(root = document) {
  for (const element of root.querySelectorAll("time[data-moment]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    element.textContent = momentText(moment);
    element.title = full.format(moment);
  }
}
