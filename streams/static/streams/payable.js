/** The two short forms that a first purchase needs, inside the sheet: where to, and which test card. */

import { get, put } from "./api.js";
import { h, icon, say } from "./dom.js";

const FIELDS = [
  ["full_name", "Name", "name", 100, true],
  ["line1", "Street and number", "address-line1", 120, true],
  ["line2", "More, if needed", "address-line2", 120, false],
  ["postal_code", "Postal code", "postal-code", 16, true],
  ["city", "City", "address-level2", 80, true],
];
const COUNTRIES = { DE: "Germany", AT: "Austria", CH: "Switzerland", FR: "France", NL: "Netherlands", BE: "Belgium", DK: "Denmark", PL: "Poland", IT: "Italy", ES: "Spain", GB: "United Kingdom", US: "United States" };

/** Labels above, errors under the field in a sentence, values never lost. */
export function addressForm(done) {
  const inputs = new Map();
  const errors = new Map();
  const row = (name, label, control) => {
    const error = h("span", { class: "form__error", id: `error-${name}` });
    control.setAttribute("aria-describedby", error.id);
    inputs.set(name, control);
    errors.set(name, error);
    return h("label", { class: `form__row form__row--${name}` }, h("span", { class: "form__label" }, label), control, error);
  };
  const country = h("select", { class: "input", name: "country", autocomplete: "country" }, ...Object.entries(COUNTRIES).map(([code, name]) => h("option", { value: code }, name)));
  const problem = h("p", { class: "form__error", role: "alert" });
  const save = h("button", { type: "submit", class: "button button-primary" }, "Save address");
  get("/me").then(({ ok, data }) => {
    // What is saved already is offered for a change; what somebody has begun to type stays.
    if (!ok || !data.address || FIELDS.some(([name]) => inputs.get(name).value)) return;
    for (const [name, input] of inputs) input.value = data.address[name] ?? "";
  });
  return h(
    "form",
    { class: "form", novalidate: true, onsubmit: submit },
    ...FIELDS.map(([name, label, autocomplete, maxlength, required]) => row(name, label, h("input", { class: "input", name, autocomplete, maxlength, required }))),
    row("country", "Country", country),
    problem,
    save,
  );

  async function submit(event) {
    event.preventDefault();
    let first = null;
    for (const [name, label, , , required] of FIELDS) {
      const missing = required && !inputs.get(name).value.trim();
      say(errors.get(name), missing ? `Please fill in: ${label.toLowerCase()}.` : "");
      if (missing) first ??= inputs.get(name);
    }
    if (first) {
      first.focus();
      return;
    }
    save.disabled = true;
    const reply = await put("/me/address", Object.fromEntries([...inputs].map(([name, input]) => [name, input.value.trim()])));
    save.disabled = false;
    if (reply.ok) {
      done(reply.data);
      return;
    }
    const fields = reply.error.fields ?? {};
    for (const [name, error] of errors) say(error, fields[name] ?? "");
    say(problem, Object.keys(fields).some((name) => errors.has(name)) ? "" : reply.error.message);
  }
}

/** @param cards [{number, label}] the simulated gateway's test cards */
export function cardForm(cards, done) {
  const problem = h("p", { class: "form__error", role: "alert" });
  return h("div", { class: "form" }, h("p", { class: "note" }, "Nothing is charged: this shop only knows test cards."), cardChoices(cards, use), problem);

  async function use(number) {
    const reply = await put("/me/card", { number });
    if (reply.ok) done(reply.data);
    else say(problem, reply.error.message);
  }
}

export function cardChoices(cards, use) {
  return h(
    "div",
    { class: "choices" },
    ...cards.map(({ number, label }) =>
      h(
        "button",
        { type: "button", class: "choice", onclick: () => use(number) },
        icon("card"),
        h("span", {}, h("b", {}, label), h("small", {}, `Test card ending in ${number.slice(-4)}`)),
      ),
    ),
  );
}
