// Many shades: a field that finds one by its name or number. Without JavaScript the whole grid is there.
function startFinding() {
  for (const input of document.querySelectorAll("input[data-find]")) {
    if (!input.hidden) continue;
    input.hidden = false;
    const choices = [...input.closest("fieldset").querySelectorAll("[data-name]")];
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const choice of choices) {
        choice.hidden = !words.every((word) => choice.dataset.name.includes(word));
      }
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      choices.find((choice) => !choice.hidden)?.click();
    });
  }
}

// The grid keeps its place and the chosen shade its focus when the page's body is swapped.
let place = 0;
document.addEventListener("htmx:beforeSwap", () => {
  place = document.querySelector(".swatches-many")?.scrollTop ?? 0;
});
document.addEventListener("htmx:afterSwap", () => {
  const grid = document.querySelector(".swatches-many");
  if (grid) grid.scrollTop = place;
  startFinding();
});
startFinding();
