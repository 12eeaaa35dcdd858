// Small words for making elements. Styles are set through CSSOM, so that the page's content
// policy may refuse inline styles; every focusable element keeps its keys from JupyterLab.

const FOCUSABLE = new Set(["BUTTON", "INPUT", "TEXTAREA", "SELECT", "A", "SUMMARY", "DIALOG"]);
let counted = 0;

/**
 * An element with properties and children.
 * @param {string} tag  a tag name with classes, as in "button.ra-quiet"
 * @param {Record<string, any>} [props]  attributes; `on…` are listeners, `.name` are properties
 * @param {...(Node|string|null|undefined|false|Array<Node|string>)} children
 * @returns {HTMLElement}
 */
export function make(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key.startsWith(".")) element[key.slice(1)] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  if (FOCUSABLE.has(element.tagName) || element.hasAttribute("tabindex")) keepKeys(element);
  if (element.tagName === "BUTTON" && !element.hasAttribute("type")) {
    element.setAttribute("type", "button");
  }
  element.append(...children.flat().filter((child) => child || child === ""));
  return element;
}

/** Lumino leaves alone what bears this attribute. @param {Element} element */
export function keepKeys(element) {
  element.setAttribute("data-lm-suppress-shortcuts", "true");
}

/** An id that no other element of the page has. @param {string} name @returns {string} */
export function freshId(name) {
  counted += 1;
  return `ra-${name}-${counted}`;
}

/** Random id of a message; it becomes the id of the store's event. @returns {string} */
export function uuid() {
  if (globalThis.crypto?.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** What several changes ask for, done once when all of them are made. @param {() => void} act @returns {() => void} */
export function gathered(act) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      act();
    });
  };
}

/** What need not be on the screen with the key that asked for it. @param {() => void} act */
export function afterPaint(act) {
  requestAnimationFrame(() => setTimeout(act));
}

/** "3 codings", "1 coding". @param {number} n @param {string} one @param {string} [many] */
export function counting(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;
}

/** A passage short enough for a line. @param {string} text @param {number} [most] */
export function shortened(text, most = 90) {
  const flat = text.replace(/\s+/g, " ").trim();
  if (flat.length <= most) return flat;
  const cut = flat.slice(0, most - 1);
  const space = cut.lastIndexOf(" ");
  return `${cut.slice(0, space > most / 2 ? space : most - 1)}…`;
}

/**
 * Other children in the place of those that are there. The focus stays on the button that says the
 * same, else goes to what stands in its place now, else where `leave` brings it.
 * @param {HTMLElement} element @param {Node[]} children @param {() => void} leave
 */
export function renew(element, children, leave) {
  const held = element.getRootNode().activeElement;
  const buttons = () => [...element.querySelectorAll("button, summary")];
  const place = buttons().indexOf(held);
  const name = (button) => button.getAttribute("aria-label") ?? button.textContent;
  element.replaceChildren(...children);
  if (place < 0) return;
  const now = buttons();
  const next = now.find((each) => name(each) === name(held)) ?? now[Math.min(place, now.length - 1)];
  if (next && !element.hidden) next.focus();
  else leave();
}

/** Give an element these children: only what differs is moved, so that focus and selection stay. @param {Element} element @param {Element[]} wanted */
export function arrange(element, wanted) {
  const keep = new Set(wanted);
  for (const child of [...element.childNodes]) if (!keep.has(child)) child.remove();
  wanted.forEach((each, k) => {
    if (element.childNodes[k] !== each) element.insertBefore(each, element.childNodes[k] ?? null);
  });
}

/** Bring an element into the view of its own list, and move nothing else. @param {HTMLElement} list @param {HTMLElement} element */
export function scrollWithin(list, element) {
  if (list.scrollHeight <= list.clientHeight + 1 || getComputedStyle(list).overflowY === "visible") return;
  const view = list.getBoundingClientRect();
  const rect = element.getBoundingClientRect();
  if (rect.top < view.top) list.scrollTop += rect.top - view.top - 4;
  else if (rect.bottom > view.bottom) list.scrollTop += Math.min(rect.bottom - view.bottom + 4, rect.top - view.top);
}
