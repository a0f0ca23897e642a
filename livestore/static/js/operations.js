// The operator's page. Every two seconds it asks for the figures of all processes; counters become rates by
// comparing two looks, and the last two minutes are kept here for the small lines.
const EVERY = 2_000;
const KEPT = 60;

const GOODBYES = {
  4408: "too slow a reader", 4410: "our restart", 4429: "too fast", 4500: "not our protocol", 4501: "login not valid",
  4503: "not allowed", 4504: "no such show",
};
const OUTCOMES = {
  placed: "placed", replay: "asked again, already placed", sold_out: "sold out", over_limit: "over the limit",
  price_changed: "price changed", busy: "busy", error: "failed by a defect", key_reused: "key used twice",
  address_needed: "address missing", card_needed: "card missing", not_for_sale: "not for sale",
};

const page = document.querySelector("[data-figures]");
const looks = []; // { at, figures }
const lines = {}; // name of a card -> its last values

const count = (value) => Math.round(value).toLocaleString("en");
const rate = (value) => (value > 0 && value < 9.95 ? value.toFixed(1) : count(value));
const seconds = (value) => (value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`);

function bytes(value) {
  if (value < 1024) return `${Math.round(value)} B`;
  if (value < 1024 ** 2) return `${(value / 1024).toFixed(0)} KB`;
  if (value < 1024 ** 3) return `${(value / 1024 ** 2).toFixed(value < 10 * 1024 ** 2 ? 1 : 0)} MB`;
  return `${(value / 1024 ** 3).toFixed(1)} GB`;
}

function element(name, { text, className, ...more } = {}, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(more)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// -- figures ---------------------------------------------------------------------------------------

// What came a second between two looks. A process that began anew counts from 0: never less than nothing.
function perSecond(now, before, read) {
  if (!before) return 0;
  return Math.max(0, read(now.figures) - read(before.figures)) / ((now.at - before.at) / 1000);
}

// The share `part` (0.99) of all orders since a look was faster than this; null when there were none.
function quantile(now, before, part) {
  const grown = Object.entries(now.figures.sale.latency)
    .map(([bound, value]) => [
      bound === "+Inf" ? Infinity : Number(bound),
      Math.max(0, value - (before ? before.figures.sale.latency[bound] || 0 : 0)),
    ])
    .sort((a, b) => a[0] - b[0]);
  const all = grown.length ? grown[grown.length - 1][1] : 0;
  if (!all) return null;
  const wanted = part * all;
  let [lower, below] = [0, 0];
  for (const [bound, value] of grown) {
    if (value >= wanted) {
      if (bound === Infinity) return lower;
      return lower + ((bound - lower) * (wanted - below)) / Math.max(1, value - below);
    }
    [lower, below] = [bound, value];
  }
  return lower;
}

// -- drawing ---------------------------------------------------------------------------------------

function spark(place, values) {
  const most = Math.max(...values, 0) || 1;
  const step = 120 / (KEPT - 1);
  const start = 120 - (values.length - 1) * step;
  const points = values.map((value, at) => `${(start + at * step).toFixed(1)},${(34 - (value / most) * 32).toFixed(1)}`);
  const space = "http://www.w3.org/2000/svg";
  let drawing = place.querySelector("svg");
  if (!drawing) {
    drawing = document.createElementNS(space, "svg");
    drawing.setAttribute("viewBox", "0 0 120 36");
    drawing.setAttribute("preserveAspectRatio", "none");
    drawing.setAttribute("aria-hidden", "true");
    for (const name of ["area", "line"]) {
      const path = document.createElementNS(space, "path");
      path.setAttribute("class", name);
      drawing.append(path);
    }
    place.append(drawing);
  }
  const [area, line] = drawing.children;
  line.setAttribute("d", points.length > 1 ? `M${points.join("L")}` : "");
  area.setAttribute("d", points.length > 1 ? `M${start.toFixed(1)},36L${points.join("L")}L120,36Z` : "");
}

function card(name, value, text, more) {
  const place = page.querySelector(`[data-card="${name}"]`);
  const kept = (lines[name] ||= []);
  kept.push(value);
  if (kept.length > KEPT) kept.shift();
  place.querySelector("[data-value]").textContent = text;
  place.querySelector("[data-more]").textContent = more;
  spark(place.querySelector("[data-spark]"), kept);
}

function notes(texts, bad) {
  const place = page.querySelector("[data-notes]");
  const said = JSON.stringify([texts, bad]);
  if (place.dataset.said === said) return; // read out once, not every two seconds
  place.dataset.said = said;
  place.replaceChildren(
    ...texts.map((text) =>
      element(
        "p",
        { className: bad ? "ops-note ops-bad" : "ops-note" },
        element("span", { className: "material-symbols-outlined", text: bad ? "warning" : "check_circle", "aria-hidden": "true" }),
        element("span", { text }),
      ),
    ),
  );
}

function row(head, cells) {
  const made = element("tr", {}, element("td", {}, ...head));
  for (const [name, ...content] of cells) made.append(element("td", { "data-name": name }, ...content));
  return made;
}

function processes(now, before) {
  const earlier = new Map((before?.figures.processes ?? []).map((each) => [`${each.host}:${each.pid}`, each]));
  const rows = now.figures.processes.map((each) => {
    const was = earlier.get(`${each.host}:${each.pid}`);
    const busy = was ? (100 * (each.cpu - was.cpu)) / ((now.at - before.at) / 1000) : 0;
    const full = each.most_files ? each.files / each.most_files : 0;
    const files = [element("span", { text: `${count(each.files)} of ${count(each.most_files)}` })];
    if (full > 0.85) files[0].className = "ops-high";
    const bar = element("span");
    bar.style.width = `${Math.max(2, Math.min(100, 100 * full))}%`;
    files.push(element("span", { className: "ops-meter", "aria-hidden": "true" }, bar));
    return row(
      [element("strong", { text: each.name }), element("span", { className: "desk-more", text: `pid ${each.pid}` })],
      [
        ["Sockets", each.role === "web" ? count(each.sockets) : "–"],
        ["CPU", was ? `${Math.round(busy)} %` : "–"],
        ["Memory", bytes(each.memory)],
        ["Late by", element("span", { text: each.lag === null ? "–" : seconds(each.lag), className: each.lag > 0.5 ? "ops-high" : "" })],
        ["Open files", ...files],
      ],
    );
  });
  page.querySelector("[data-processes]").replaceChildren(...rows);
}

function rooms(figures) {
  const rows = figures.rooms.map((each) =>
    row([element("strong", { text: each.room })], [
      ["Viewers", count(each.viewers)],
      ["Telling all", seconds(each.lap)],
      ["Chat tick", each.tick ? seconds(each.tick) : "at once"],
      ["Held back", bytes(each.held)],
      ["Chat left out", count(each.left_out)],
    ]),
  );
  page.querySelector("[data-rooms]").replaceChildren(...rows);
  page.querySelector("[data-no-rooms]").hidden = rows.length > 0;
  page.querySelector("[data-rooms]").closest("table").hidden = rows.length === 0;
}

function list(name, pairs, empty) {
  const rows = pairs.map(([key, value]) => element("div", {}, element("dt", { text: key }), element("dd", { text: value })));
  const none = element("div", {}, element("dt", { className: "desk-more", text: empty }));
  page.querySelector(`[data-${name}]`).replaceChildren(...(rows.length ? rows : [none]));
}

function named(found, names) {
  return Object.entries(found)
    .filter(([, value]) => value > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([key, value]) => [names[key] ? `${names[key]}${/^\d/.test(key) ? ` (${key})` : ""}` : key.replaceAll("_", " "), count(value)]);
}

function show() {
  const now = looks[looks.length - 1];
  const before = looks[looks.length - 2];
  const recent = looks[Math.max(0, looks.length - 6)]; // ten seconds: rare orders do not flicker
  const first = looks[0] === now ? undefined : looks[0];
  const { room, sale, behind, warnings } = now.figures;
  const told = perSecond(now, before, (each) => each.room.deliveries);
  const sent = perSecond(now, before, (each) => each.room.bytes);
  const placed = perSecond(now, recent === now ? undefined : recent, (each) => each.sale.orders);
  const [middle, slow] = [0.5, 0.99].map((part) => (first ? quantile(now, first, part) : null));
  const none = looks.length < KEPT ? "none since this page was opened" : "none in two minutes";
  card("viewers", room.sockets, count(room.sockets), `${count(room.guests)} without a login`);
  card("deliveries", told, rate(told), `${bytes(sent)} a second`);
  card("orders", placed, rate(placed), middle === null ? none : `half in ${seconds(middle)}, 99 % in ${seconds(slow)}`);
  card("held", room.held, bytes(room.held), `the slowest: ${bytes(room.most_held)}`);
  card("relay", behind.relay, seconds(behind.relay), `${count(behind.facts)} facts wait`);
  card("payments", behind.payments, count(behind.payments), `${count(behind.due)} due, ${count(behind.webhooks)} webhooks wait`);
  notes(warnings.length ? warnings : ["Everything is well."], warnings.length > 0);
  processes(now, before);
  rooms(now.figures);
  const batches = first ? sale.batches - first.figures.sale.batches : 0;
  const batched = first ? sale.batched - first.figures.sale.batched : 0;
  list("sale", [
    ["Orders that wait to be placed", count(sale.queue)],
    ["Orders in a batch, on average", batches > 0 ? rate(batched / batches) : "–"],
    ["Half of all placed within", middle === null ? "–" : seconds(middle)],
    ["99 % of all placed within", slow === null ? "–" : seconds(slow)],
    ["Batches tried again", count(sale.retries)],
    ["Tasks that wait for a worker", count(behind.jobs)],
  ], "");
  list("outcomes", named(sale.outcomes, OUTCOMES), "Nobody has ordered yet.");
  list("goodbyes", named(room.goodbyes, GOODBYES), "None.");
}

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(page.dataset.figures, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      looks.push({ at: performance.now(), figures: await answer.json() });
      if (looks.length > KEPT) looks.shift();
      page.classList.remove("ops-stale");
      show();
    } catch {
      page.classList.add("ops-stale");
      notes(["The figures can not be read right now. They are asked for again in a moment."], true);
    }
  }
  setTimeout(look, EVERY);
}

look();
