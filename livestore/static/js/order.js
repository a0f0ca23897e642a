// An order page looks every two seconds while something is open, and stops when nothing can change soon.
const box = document.getElementById("order");
const EVERY = 2000;
let timer = null;

const state = () => box.querySelector("[data-order]");
const busy = () => box.contains(document.activeElement) && document.activeElement.closest("form");

async function draw() {
  const answer = await fetch(location.pathname, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const open = [...box.querySelectorAll("details[open][id]")].map((each) => each.id);
  box.innerHTML = await answer.text();
  for (const id of open) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
  document.dispatchEvent(new Event("livestore:swapped"));
}

async function look() {
  const order = state();
  try {
    const answer = await fetch(`/api/v1/orders/${order.dataset.order}`, {
      headers: { Accept: "application/json" },
    });
    // A form that somebody is filling in is never swapped away under their fingers.
    if (answer.ok && String((await answer.json()).rev) !== order.dataset.rev && !busy()) {
      await draw();
    }
  } catch {
    // Offline for a moment; the next look tells.
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  if ("waiting" in state().dataset) timer = setTimeout(look, document.hidden ? EVERY * 5 : EVERY);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && "waiting" in state().dataset) look();
});
document.addEventListener("livestore:due", () => setTimeout(draw, 1000));
plan();
