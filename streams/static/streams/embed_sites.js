/** Which sites may show the player, and the code that they need. Saved at once; what is refused is said under the field. */

import { put } from "./api.js";
import { $, $$, h, icon, say, set } from "./dom.js";
import { toast } from "./toast.js";

const root = $("#embed-sites");
const list = $("#sites-list");
const form = $("#sites-form");
const input = $("#sites-new");
const error = $("#sites-error");
const code = $("#sites-code");
const { slug, address, title } = root.dataset;
let origins = JSON.parse($("#sites-facts").textContent);

function draw() {
  list.replaceChildren(
    ...origins.map((origin) =>
      h("li", { class: "sites__row" }, h("span", { class: "one-line", title: origin }, origin), h("button", { type: "button", class: "round", "aria-label": `Take ${origin} off the list`, onclick: () => save(origins.filter((each) => each !== origin)) }, icon("trash"))),
    ),
  );
  $("#sites-none").hidden = origins.length > 0;
}

/** True when the list was kept. */
async function save(wanted) {
  const reply = await put(`/shows/${slug}/picture/embeds`, { origins: wanted });
  if (reply.ok) {
    origins = reply.data.embed_origins;
    draw();
    return true;
  }
  const [sentence] = Object.values(reply.error.fields ?? {});
  say(error, sentence ?? reply.error.message);
  set(input, "aria-invalid", "true");
  return false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const typed = input.value.trim();
  if (!typed) return;
  if (await save([...origins, typed])) {
    input.value = "";
    input.focus();
  }
});
input.addEventListener("input", () => {
  say(error, "");
  set(input, "aria-invalid", null);
});

// ---- the code

const quoted = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");

function write(size) {
  const [width, height] = size.split("x");
  code.value = `<iframe src="${quoted(address)}" title="${quoted(title)}" width="${width}" height="${height}" style="border:0" loading="lazy" allow="autoplay; fullscreen; picture-in-picture"></iframe>`;
  for (const each of $$("[data-size]", root)) set(each, "aria-pressed", String(each.dataset.size === size));
}
for (const each of $$("[data-size]", root)) each.addEventListener("click", () => write(each.dataset.size));

$("#sites-copy").addEventListener("click", async () => {
  code.select();
  const copied = await navigator.clipboard?.writeText(code.value).then(() => true, () => false);
  toast(copied ? "The code is copied." : "Press Ctrl+C: the code is selected.");
});

draw();
write("360x640");
