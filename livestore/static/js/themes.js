// Light, dark or as the system has it; theme.js applies the choice before the first paint.
export function startThemes() {
  const group = document.getElementById("themes");
  if (!group) return;
  group.hidden = false;
  const buttons = [...group.querySelectorAll("[data-theme-choice]")];
  const show = (theme) => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    }
  };
  show(document.documentElement.dataset.theme ?? "");
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const theme = button.dataset.themeChoice;
      if (theme) document.documentElement.dataset.theme = theme;
      else delete document.documentElement.dataset.theme;
      try {
        if (theme) localStorage.setItem("theme", theme);
        else localStorage.removeItem("theme");
      } catch {
        // Without storage the choice lasts for this page.
      }
      show(theme);
    });
  }
}
