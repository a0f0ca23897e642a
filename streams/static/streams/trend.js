/** Orders per minute of the last hour as a small line, with every pin and deal marked on it. */

import { clockface } from "./clock.js";
import { h, svg } from "./dom.js";

const WIDTH = 240;
const HEIGHT = 40;
const BASE = HEIGHT - 6;

/** @param numbers {orders_per_minute: 60 counts, since, now, markers: [{at, kind, number?, deal?}]} */
export function drawTrend(place, { orders_per_minute: counts, since, now, markers }) {
  const most = Math.max(4, ...counts);
  const span = counts.length * 60_000;
  const x = (at) => ((at - since) / span) * WIDTH;
  const y = (count) => BASE - (count / most) * (BASE - 4);
  const points = counts.map((count, minute) => `${(((minute + 0.5) / counts.length) * WIDTH).toFixed(1)},${y(count).toFixed(1)}`);
  const words = (each) => ({ pin: `Number ${each.number} pinned`, deal: "Deal started", deal_end: "Deal ended" })[each.kind];
  const marks = markers
    .filter((each) => each.at >= since)
    .map((each) => {
      const left = x(each.at).toFixed(1);
      const mark =
        each.kind === "pin"
          ? svg("circle", { cx: left, cy: HEIGHT - 2, r: 2, class: "trend__pin" })
          : svg("path", { d: `M${left} 2V${BASE}`, class: each.kind === "deal" ? "trend__deal" : "trend__end" });
      mark.append(svg("title", {}, `${words(each)}, ${clockface(now - each.at)} ago`));
      return mark;
    });
  const total = counts.reduce((sum, each) => sum + each, 0);
  place.replaceChildren(
    svg(
      "svg",
      { class: "trend", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `${total} orders in the last 60 minutes, ${counts.at(-2) ?? 0} in the last full minute` },
      svg("path", { d: `M0 ${BASE}H${WIDTH}`, class: "trend__base" }),
      svg("polyline", { points: points.join(" "), class: "trend__line" }),
      ...marks,
    ),
  );
  if (!total && !markers.length) place.append(h("span", { class: "trend__none" }, "No orders yet"));
}
