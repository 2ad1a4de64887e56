// Light or dark theme: that of the notebook, or else of the system.

/** Update an element's data-theme with its surroundings. Returns a function that stops it. */
export function followTheme(element) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const update = () => {
    element.dataset.theme = isDark(system) ? "dark" : "light";
  };
  const observer = new MutationObserver(update);
  for (const root of [document.documentElement, document.body]) observer.observe(root, { attributes: true });
  system.addEventListener("change", update);
  update();
  return () => {
    observer.disconnect();
    system.removeEventListener("change", update);
  };
}

function isDark(system) {
  const { body, documentElement } = document;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false";
  const kind = body.dataset.vscodeThemeKind;
  if (kind) return kind.includes("dark") || kind === "vscode-high-contrast";
  for (const root of [body, documentElement]) {
    for (const theme of ["dark", "light"]) {
      if (root.classList.contains(theme) || root.dataset.theme === theme) return theme === "dark";
    }
  }
  return system.matches;
}
