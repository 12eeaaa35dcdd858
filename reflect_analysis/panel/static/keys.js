// The keys. They are heard only while the focus is in the panel, and none of them leaves it:
// JupyterLab would insert a cell at "b".

/** Whether letters belong to the element. @param {any} target */
export function takesLetters(target) {
  return ["INPUT", "TEXTAREA", "SELECT"].includes(target?.tagName);
}

/** "shift+1" for Shift and the digit's key, whatever the layout prints on it. */
export function codeKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return "";
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code ?? "")?.[1];
  if (event.shiftKey) return digit ? `shift+${digit}` : "";
  if (/^[0-9]$/.test(event.key)) return event.key;
  return digit && !/^[\p{L}]$/u.test(event.key) && event.code.startsWith("Digit") ? digit : "";
}

/**
 * @param {HTMLElement} element  the panel
 * @param {Record<string, (event: KeyboardEvent) => void>} acts  by key; "ctrl+z" and the like too
 * @param {(key: string) => boolean} giveCode  gives the code of a key; false where there is none
 * @param {() => void} first  brings what is selected up to date: the browser tells of it late
 */
export function listenToKeys(element, acts, giveCode, first) {
  for (const kind of ["keyup", "keypress"]) {
    element.addEventListener(kind, (event) => event.stopPropagation());
  }
  element.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.raDone || event.defaultPrevented || event.isComposing) return;
    first();
    const act = actOf(event, acts, giveCode);
    if (!act) return;
    event.preventDefault();
    act(event);
  });
}

function actOf(event, acts, giveCode) {
  const { target } = event;
  const graph = event.getModifierState?.("AltGraph");
  if ((event.ctrlKey || event.metaKey) && !graph) {
    if (takesLetters(target)) return null;
    const name = `ctrl+${event.shiftKey ? "shift+" : ""}${event.key.toLowerCase()}`;
    return acts[name] ?? null;
  }
  if (event.altKey && !graph) return null;
  if (target.closest?.("dialog")) return null;
  if (takesLetters(target)) return null;
  if (target.tagName === "BUTTON" && (event.key === "Enter" || event.key === " ")) return null;
  const key = codeKey(event);
  if (key && giveCode(key)) return () => {};
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return Object.hasOwn(acts, name) ? acts[name] : null;
}
