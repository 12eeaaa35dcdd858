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
 * @param {(key: string, sign: string) => void} prints  told what the key of a code prints, if it is a sign that does something here
 */
export function listenToKeys(element, acts, giveCode, first, prints) {
  element.addEventListener("keydown", (event) => {
    if (!event.repeat || mayRepeat(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  for (const kind of ["keyup", "keypress"]) {
    element.addEventListener(kind, (event) => event.stopPropagation());
  }
  element.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.raDone || event.defaultPrevented || event.isComposing) return;
    first();
    if (!takesLetters(event.target)) tellPrinted(event, acts, prints);
    const act = actOf(event, acts, giveCode);
    if (!act) return;
    event.preventDefault();
    act(event);
  });
}

const REPEATED = ["j", "k", "[", "]", "{", "}"];
const BACK_AND_FORTH = ["z", "y"];

/**
 * Whether a key that is held down does its work again. A decision, a code or the next text is given
 * once for each press; one goes along, and back, for as long as a key is held.
 * @param {KeyboardEvent} event
 */
export function mayRepeat(event) {
  const { key, target } = event;
  const ctrl = event.ctrlKey || event.metaKey;
  if (key === "Enter") return target?.tagName === "TEXTAREA" && !ctrl;
  if (takesLetters(target) && target.type !== "checkbox" && target.type !== "radio") return true;
  if (key === "Delete") return false;
  if (key.length > 1) return true;
  if (ctrl && !printsThird(event)) return BACK_AND_FORTH.includes(key.toLowerCase());
  return REPEATED.includes(key);
}

/** A code's key that prints a sign of the panel's own gives no code. */
function tellPrinted(event, acts, prints) {
  if (!/^Digit[0-9]$/.test(event.code ?? "") || /^[0-9]$/.test(event.key)) return;
  const key = codeKey(event);
  if (key) prints(key, Object.hasOwn(acts, event.key) ? event.key : "");
}

/** What Shift and 7 print is "/" on many keyboards of Europe; where the browser tells the layout, it is known before. @returns {Promise<string[]>} */
export async function guessTaken() {
  try {
    const layout = await navigator.keyboard?.getLayoutMap?.();
    const elsewhere = ["Slash", "IntlRo"].some((code) => layout?.get(code) === "/");
    return layout?.get("Digit7") === "7" && !elsewhere ? ["shift+7"] : [];
  } catch {
    return []; // a notebook in a frame is not told
  }
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
