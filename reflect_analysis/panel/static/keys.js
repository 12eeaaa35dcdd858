// The keys. They are heard only while the focus is in the panel, and none of them leaves it:
// JupyterLab would insert a cell at "b".

/** Whether letters belong to the element. @param {any} target */
export function takesLetters(target) {
  return ["INPUT", "TEXTAREA", "SELECT"].includes(target?.tagName);
}

/** Whether one writes in it, so that Ctrl+Z takes back letters there. @param {any} target */
export function isWriting(target) {
  return takesLetters(target) && target.tagName !== "SELECT" && !["checkbox", "radio"].includes(target.type);
}

/** Whether AltGr is held, which prints the third sign of a key; some systems tell it as Ctrl and Alt. */
export function printsThird(event) {
  return Boolean(event.getModifierState?.("AltGraph")) || (event.ctrlKey && event.altKey);
}

/**
 * The key of a code: a printed digit is that digit. Else the keys of the row of digits count by
 * their places, alone or with Shift, whatever is printed on them: é is 2 in France, ě in Czechia.
 * Asked only where what the key prints does nothing else.
 */
export function codeKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || printsThird(event)) return "";
  if (/^[0-9]$/.test(event.key)) return event.key;
  const digit = /^Digit([0-9])$/.exec(event.code ?? "")?.[1];
  if (!digit) return "";
  return event.shiftKey ? `shift+${digit}` : digit;
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

const SIGNS = ["/", "?", "[", "]", "{", "}"]; // keys that many layouts print with AltGr

function actOf(event, acts, giveCode) {
  const { target } = event;
  const graph = printsThird(event);
  if ((event.ctrlKey || event.metaKey) && !graph) {
    if (isWriting(target)) return null;
    const name = `ctrl+${event.shiftKey ? "shift+" : ""}${event.key.toLowerCase()}`;
    return acts[name] ?? null;
  }
  if ((graph || event.altKey) && !SIGNS.includes(event.key)) return null; // a Mac's Alt prints them too
  if (target.closest?.("dialog")) return null;
  if (takesLetters(target)) return null;
  if (target.tagName === "BUTTON" && (event.key === "Enter" || event.key === " ")) return null;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (Object.hasOwn(acts, name)) return acts[name];
  const key = codeKey(event);
  return key && giveCode(key) ? () => {} : null;
}
