// Light or dark: as JupyterLab or marimo says, else as the system prefers.

/** @param {HTMLElement} root @returns {() => void} what ends the watching */
export function followTheme(root) {
  const prefers = matchMedia("(prefers-color-scheme: dark)");
  const show = () => { root.dataset.theme = isDark(prefers) ? "dark" : "light"; };
  const watch = new MutationObserver(show);
  const seen = { attributes: true, attributeFilter: ["data-jp-theme-light", "class", "data-theme"] };
  watch.observe(document.body, seen);
  watch.observe(document.documentElement, seen);
  prefers.addEventListener("change", show);
  show();
  return () => {
    watch.disconnect();
    prefers.removeEventListener("change", show);
  };
}

function isDark(prefers) {
  const jupyter = document.body.dataset.jpThemeLight;
  if (jupyter) return jupyter === "false";
  const says = [document.body, document.documentElement];
  if (says.some((each) => each.classList.contains("dark") || each.dataset.theme === "dark")) return true;
  if (says.some((each) => each.classList.contains("light") || each.dataset.theme === "light")) return false;
  return prefers.matches;
}
