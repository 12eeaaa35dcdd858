// The picture of a photo-voice story beside its caption. A rectangle is drawn with the mouse, or
// with the arrow keys, and coded as words are; the one that is active is moved and sized in the same
// ways. Regions are whole pixels of the upright picture in its full size, half-open, whatever the
// size in which it is shown.

import { gathered, make } from "./dom.js";
import { colourOf, patternName } from "./marks.js";
import { mayChange } from "./sheet.js";

const SMALLEST = 4; // pixels on the screen: less is a click
const STEPS = 40; // that the arrow keys make of the longer side
const CORNERS = ["nw", "ne", "sw", "se"];
const BORDERS = { solid: "solid", dashed: "dashed", dotted: "dotted", double: "double", toothed: "groove", slashed: "ridge" };

/** A region in words. @param {number[]} region @param {{width: number, height: number}} picture */
export function regionWords(region, picture) {
  if (!picture?.width || !picture?.height) return "part of the picture";
  const part = (value, whole) => Math.round((100 * value) / whole);
  const [x0, y0, x1, y1] = region;
  return `part of the picture, ${part(x0, picture.width)}–${part(x1, picture.width)} % from the left, ${part(y0, picture.height)}–${part(y1, picture.height)} % from the top`;
}

/** Corners in any order as a region within the picture, at least one pixel wide and high. */
export function tidyRegion([a, b, c, d], { width, height }) {
  const held = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
  const [x0, x1] = [held(Math.min(a, c), width - 1), held(Math.max(a, c), width)];
  const [y0, y1] = [held(Math.min(b, d), height - 1), held(Math.max(b, d), height)];
  return [x0, y0, Math.max(x1, x0 + 1), Math.max(y1, y0 + 1)];
}

/** A rectangle moved by so much, never out of the picture. */
export function movedRegion([x0, y0, x1, y1], dx, dy, { width, height }) {
  const [mx, my] = [Math.max(-x0, Math.min(width - x1, Math.round(dx))), Math.max(-y0, Math.min(height - y1, Math.round(dy)))];
  return [x0 + mx, y0 + my, x1 + mx, y1 + my];
}

/** A rectangle of which one corner went elsewhere. @param {number[]} region @param {string} corner "nw", "ne", "sw" or "se" */
function sizedRegion([x0, y0, x1, y1], corner, [x, y], picture) {
  return tidyRegion([corner.includes("w") ? x : x0, corner.includes("n") ? y : y0, corner.includes("e") ? x : x1, corner.includes("s") ? y : y1], picture);
}

export class PictureView {
  /** @param {import("./state.js").State} state @param {{search: () => void, move: (coding: any, region: number[]) => void}} doors */
  constructor(state, doors) {
    this.state = state;
    this.doors = doors;
    this.from = null;
    this.changing = null; // the coding whose rectangle the keys move
    this.frame = make("div.ra-frame", {
      tabindex: "0", role: "application", onkeydown: (event) => this.key(event),
      onpointerdown: (event) => this.press(event), onpointermove: (event) => this.draw(event),
      onpointerup: (event) => this.release(event), onpointercancel: () => this.dropDrag(),
    });
    this.boxes = make("div.ra-boxes", { "aria-hidden": "true" });
    this.drawn = make("div.ra-drawn", { hidden: true, "aria-hidden": "true" });
    this.hint = make("figcaption.ra-rest", {}, "Draw a rectangle with the mouse; or come here with ", make("kbd", {}, "r"),
      ": the arrow keys move it, with Shift they size it. Then the key of a code, or ", make("kbd", {}, "Enter"), " to search one. The one you chose is moved and sized in the same ways; ",
      make("kbd", {}, "Enter"), " keeps it.");
    this.element = make("figure.ra-picture", { hidden: true, "aria-label": "The picture" });
    state.on("sheet", () => this.mount());
    const boxes = gathered(() => this.showBoxes());
    for (const subject of ["codings", "active", "codebook"]) state.on(subject, boxes);
    state.on("region", () => this.showDrawn());
    state.on("active", (before) => this.letGo(before));
    new ResizeObserver(() => this.spreadNames()).observe(this.frame);
  }

  get picture() {
    return this.state.sheet?.picture ?? null;
  }

  mount() {
    const { picture } = this;
    this.from = null;
    this.changing = null;
    this.element.hidden = !picture;
    this.element.parentNode?.classList.toggle("ra-pictured", Boolean(picture));
    this.element.replaceChildren();
    if (!picture) return;
    if (!picture.src) {
      this.element.append(make("p", {}, picture.alt ? `The picture cannot be shown here: ${picture.alt}` : "The picture cannot be shown here."));
      return;
    }
    this.frame.setAttribute("aria-label", `Picture: ${picture.alt || "without a description"}`);
    this.frame.setAttribute("aria-roledescription", "picture to code");
    this.frame.replaceChildren(
      make("img", { src: picture.src, alt: "", width: picture.width, height: picture.height, draggable: "false" }), this.boxes, this.drawn);
    this.element.append(this.frame, this.hint);
    this.showBoxes();
    this.showDrawn();
  }

  // ── what is coded ──

  /** One box for each region, however many codes it has. */
  showBoxes() {
    if (!this.picture?.src) return;
    const regions = new Map();
    for (const coding of this.state.sheet.codings.values()) {
      if (!coding.region || coding.status === "rejected") continue;
      const key = coding.region.join();
      if (!regions.has(key)) regions.set(key, []);
      regions.get(key).push(coding);
    }
    this.boxes.replaceChildren(...[...regions.values()].map((codings) => this.makeBox(codings)));
    this.spreadNames();
  }

  /** Names that would cover one another stand one below the other. */
  spreadNames() {
    const names = [...this.boxes.querySelectorAll(".ra-box-name")];
    for (const name of names) name.style.top = "";
    const taken = [];
    const rects = names.map((name) => [name, name.getBoundingClientRect()]).sort(([, a], [, b]) => a.top - b.top || a.left - b.left);
    for (const [name, { left, right, top, height }] of rects) {
      let at = top;
      const covers = (other) => left < other.right && other.left < right && at < other.bottom && other.top < at + height;
      for (let other = taken.find(covers); other; other = taken.find(covers)) at = other.bottom;
      if (at > top) name.style.top = `${at - top}px`;
      taken.push({ left, right, top: at, bottom: at + height });
    }
  }

  makeBox(codings) {
    const box = make("div.ra-box");
    const active = codings.find((each) => each.id === this.state.active);
    const code = this.state.codes.get((active ?? codings[0]).code);
    this.lay(box, codings[0].region);
    box.style.borderColor = colourOf(code);
    box.style.borderStyle = BORDERS[patternName(code)];
    box.classList.toggle("ra-box-on", Boolean(active));
    box.append(make("span.ra-box-name", {}, codings.map((each) => this.state.nameOf(each.code)).join(", ")));
    if (active && mayChange(active)) box.append(...CORNERS.map((corner) => make(`span.ra-corner.ra-corner-${corner}`, { "data-corner": corner })));
    return box;
  }

  /** Put an element over a region. */
  lay(element, [x0, y0, x1, y1]) {
    const { width, height } = this.picture;
    const per = (value, whole) => `${(100 * value) / whole}%`;
    Object.assign(element.style, {
      left: per(x0, width), top: per(y0, height), width: per(x1 - x0, width), height: per(y1 - y0, height),
    });
  }

  showDrawn() {
    const { region } = this.state;
    this.drawn.hidden = !region;
    if (region && this.picture) this.lay(this.drawn, region);
  }

  // ── with the mouse ──

  /** Where the pointer is, in pixels of the picture. */
  at(event) {
    const rect = this.frame.getBoundingClientRect();
    return [((event.clientX - rect.left) / rect.width) * this.picture.width, ((event.clientY - rect.top) / rect.height) * this.picture.height];
  }

  press(event) {
    if (event.button !== 0 || !this.picture?.src) return;
    event.preventDefault();
    this.frame.focus({ preventScroll: true });
    this.frame.setPointerCapture(event.pointerId);
    this.from = { at: this.at(event), x: event.clientX, y: event.clientY, moved: false, ...this.held(event) };
  }

  /** The active rectangle, if it is pressed in a corner or within. */
  held(event) {
    const coding = this.state.activeCoding();
    if (!coding?.region || !mayChange(coding)) return {};
    const corner = event.target.dataset?.corner;
    const [[x, y], [x0, y0, x1, y1]] = [this.at(event), coding.region];
    return corner || (x0 <= x && x < x1 && y0 <= y && y < y1) ? { coding, corner } : {};
  }

  /** A drag that was broken off changes nothing. */
  dropDrag() {
    this.from = null;
    this.state.choose(null);
  }

  draw(event) {
    if (!this.from) return;
    const far = Math.max(Math.abs(event.clientX - this.from.x), Math.abs(event.clientY - this.from.y));
    if (!this.from.moved && far < SMALLEST) return;
    this.from.moved = true;
    this.state.choose(this.drag(this.at(event)));
  }

  /** What the drag makes: a new rectangle, or the active one elsewhere or of another size. */
  drag([x, y]) {
    const { at, coding, corner } = this.from;
    if (!coding) return tidyRegion([...at, x, y], this.picture);
    if (corner) return sizedRegion(coding.region, corner, [x, y], this.picture);
    return movedRegion(coding.region, x - at[0], y - at[1], this.picture);
  }

  release(event) {
    const { from } = this;
    this.from = null;
    if (!from) return;
    if (!from.moved) this.click(this.at(event));
    else if (from.coding) this.put(from.coding);
    else this.tell();
  }

  /** Give a coding the rectangle that was drawn for it. */
  put(coding) {
    const { region } = this.state;
    const now = this.state.sheet.codings.get(coding.id) ?? this.state.activeCoding();
    this.changing = null;
    this.state.choose(null);
    if (now?.region && region) this.doors.move(now, region);
  }

  /** Keep what the keys did to the active rectangle. */
  keep() {
    const coding = this.changing && this.state.activeCoding();
    if (coding) this.put(coding);
    this.changing = null;
  }

  /** Another coding is active; or the same, which has its id from the store now. */
  letGo(before) {
    if (!this.changing || this.state.active === this.changing) return;
    const named = before === this.changing && !this.state.sheet?.codings.has(before) && this.state.activeCoding()?.region;
    this.changing = named ? this.state.active : null;
    if (named) return;
    this.state.choose(null);
  }

  /** A click goes to the smallest region under it; a further click to the next code or region. */
  click([x, y]) {
    this.state.choose(null);
    const here = [...this.state.sheet.codings.values()].filter(({ region, status }) => region && status !== "rejected"
      && region[0] <= x && x < region[2] && region[1] <= y && y < region[3]);
    const size = ([x0, y0, x1, y1]) => (x1 - x0) * (y1 - y0);
    here.sort((a, b) => size(a.region) - size(b.region) || (a.id < b.id ? -1 : 1));
    const place = here.findIndex((each) => each.id === this.state.active);
    this.state.activate(here.length ? here[(place + 1) % here.length].id : null);
  }

  // ── with the keyboard ──

  /** Into the picture: to move and size the active rectangle, else with a new one in its middle. */
  begin() {
    const { picture } = this;
    if (!picture?.src) return this.state.say("This text has no picture.");
    this.frame.focus();
    const coding = this.state.activeCoding();
    if (!this.state.region && coding?.region && mayChange(coding)) {
      this.changing = coding.id;
      this.state.choose([...coding.region]);
      return this.state.say(`${this.state.nameOf(coding.code)}: the arrow keys move it, with Shift they size it. Enter keeps it, Esc lets it as it was.`);
    }
    if (!this.state.region) {
      const { width, height } = picture;
      this.state.choose(tidyRegion([width * 0.35, height * 0.35, width * 0.65, height * 0.65], picture));
    }
    return this.tell();
  }

  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.altKey || event.metaKey) return;
    if (steps) this.arrow(steps, event.shiftKey, event.ctrlKey);
    else if (event.key === "Enter" && !event.ctrlKey && (this.state.region || !this.state.activeCoding())) {
      if (this.changing) this.keep();
      else if (!this.state.region) this.begin();
      else this.doors.search();
    } else if (event.key === "Escape" && this.state.region) {
      this.state.choose(null);
      this.state.say(this.changing ? "It stays as it was." : "The rectangle is gone.");
      this.changing = null;
    } else return;
    event.preventDefault();
    event.raDone = true;
    event.stopPropagation();
  }

  /** Move the rectangle, or its lower right corner; with Ctrl by single pixels. */
  arrow([dx, dy], sizes, fine) {
    if (!this.state.region) return this.begin();
    const { width, height } = this.picture;
    const step = fine ? 1 : Math.max(1, Math.round(Math.max(width, height) / STEPS));
    const [x0, y0, x1, y1] = this.state.region;
    const sized = () => tidyRegion([x0, y0, Math.max(x0 + 1, x1 + dx * step), Math.max(y0 + 1, y1 + dy * step)], this.picture);
    this.state.choose(sizes ? sized() : movedRegion(this.state.region, dx * step, dy * step, this.picture));
    return this.tell();
  }

  tell() {
    if (this.state.region) this.state.say(`Selected: ${regionWords(this.state.region, this.picture)}.`);
  }

  focus() {
    this.frame.focus({ preventScroll: true });
  }
}
