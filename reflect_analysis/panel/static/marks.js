// How codings are drawn: each has a lane, so that those which overlap lie under one another, and
// each code a colour and a pattern, so that they are told apart without colour. What a person
// coded is a line under the words; what is proposed is a bracket that closes around them, on a tint.

export const LANE = 6; // pixels from one line to the next
const THICK = 4;
const PATTERNS = ["solid", "dashed", "dotted", "double", "toothed", "slashed"];

/** Whether a coding is drawn over the words, under them, or not at all. */
export function sideOf(coding) {
  if (coding.region) return null;
  if (coding.status === "rejected") return null;
  if (coding.layer === "proposed" && coding.status !== "accepted") return "over";
  return "under";
}

/** The name of a code's pattern. @param {{pattern?: number}} code */
export function patternName(code) {
  return PATTERNS[(code?.pattern ?? 0) % PATTERNS.length];
}

/** The colour of a code as a CSS value. @param {{hue?: number}|undefined} code */
export function colourOf(code) {
  return code ? `var(--ra-hue-${(code.hue ?? 0) % 8})` : "var(--ra-hue-7)";
}

/**
 * One line of a pattern: [image, width, height], the width "100%" where it does not repeat.
 * @param {string} pattern @param {string} colour @returns {[string, string, number]}
 */
function stroke(pattern, colour) {
  switch (pattern) {
    case "dashed":
      return [`linear-gradient(90deg, ${colour} 0 65%, transparent 65%)`, "11px", 3];
    case "dotted":
      return [`radial-gradient(circle at 50% 50%, ${colour} 0 1.6px, transparent 2.1px)`, "6px", THICK];
    case "double":
      return [`linear-gradient(${colour} 0 1.3px, transparent 1.3px 3px, ${colour} 3px 4.3px)`, "100%", 4.3];
    case "toothed":
      return [`conic-gradient(from 135deg at 50% 0, ${colour} 90deg, transparent 0)`, "9px", 4.6];
    case "slashed":
      return [`repeating-linear-gradient(115deg, ${colour} 0 2px, transparent 2px 5px)`, "100%", THICK];
    default:
      return [`linear-gradient(${colour}, ${colour})`, "100%", 3];
  }
}

const INTO = 5; // pixels by which a bracket's line reaches into the room above the letters

/** A bracket: its line over the words, an edge down each end, and the words on a tint of its code. */
function bracket(line, y, add, ends) {
  const colour = colourOf(line.code);
  const below = `calc(100% - ${y + ends}px)`;
  if (line.opens) add(`linear-gradient(${colour}, ${colour})`, "2.5px", below, 0, `top ${y}px`);
  if (line.closes) add(`linear-gradient(${colour}, ${colour})`, "2.5px", below, "100%", `top ${y}px`);
  const pale = `color-mix(in srgb, ${colour} 13%, transparent)`;
  return [`linear-gradient(${pale}, ${pale})`, "100%", below, 0, `top ${y}px`];
}

/**
 * Draw lines under and over a run, or fill a chip, by background layers.
 * @param {HTMLElement} element
 * @param {{lane: number, side: "under"|"over", code: any, begins: boolean, faint: boolean, opens?: boolean, closes?: boolean}[]} lines
 * @param {{under: number, over: number}} depth  of the block
 * @param {string} [tint]  a colour behind the words themselves
 */
export function paintLines(element, lines, depth, tint = "") {
  const above = roomAbove(depth.over);
  const images = [];
  const places = [];
  const sizes = [];
  const tints = [];
  const add = (image, width, height, x, y) => {
    images.push(image);
    sizes.push(`${width} ${typeof height === "number" ? `${height}px` : height}`);
    places.push(`left ${x === "100%" ? x : `${x}px`} ${y}`);
  };
  for (const line of lines) {
    const under = line.side === "under";
    const colour = line.faint ? `color-mix(in srgb, ${colourOf(line.code)} 62%, var(--ra-paper))` : colourOf(line.code);
    const [image, width, height] = stroke(patternName(line.code), colour);
    const room = (under ? depth.under : depth.over) - 1 - line.lane;
    const at = room * LANE + (LANE - height) / 2;
    const y = `${under ? "bottom" : "top"} ${at}px`;
    if (!under) {
      add(image, width, height, 0, y);
      tints.push(bracket(line, at, add, depth.under * LANE));
      continue;
    }
    if (line.begins) add("linear-gradient(var(--ra-paper), var(--ra-paper))", "2px", height + 1, 0, y);
    add(image, width, height, 0, y);
  }
  for (const each of tints) add(...each);
  if (tint) {
    images.push(`linear-gradient(${tint}, ${tint})`);
    sizes.push(`100% calc(100% - ${depth.under * LANE + above}px)`);
    places.push(`left 0 top ${above}px`);
  }
  element.style.backgroundImage = images.join(",");
  element.style.backgroundSize = sizes.join(",");
  element.style.backgroundPosition = places.join(",");
  element.style.backgroundRepeat = sizes.map((size) => (size.startsWith("100%") || size.startsWith("2px") || size.startsWith("2.5px") ? "no-repeat" : "repeat-x")).join(",");
  element.style.paddingBottom = depth.under ? `${depth.under * LANE}px` : "";
  element.style.paddingTop = above ? `${above}px` : "";
}

/** The room over the words of a block: the lowest bracket lies close to the letters. @param {number} over */
export function roomAbove(over) {
  return over ? over * LANE - INTO : 0;
}

/** A chip that shows a code's colour and pattern. @param {HTMLElement} element @param {any} code */
export function paintChip(element, code) {
  paintLines(element, [{ lane: 0, side: "under", code, begins: false, faint: false }], { under: 1, over: 0 });
  element.style.paddingBottom = "";
}

/**
 * A lane for each coding, kept once given: the lowest that is free among those it overlaps.
 * @param {{id: string, start: number, end: number}[]} added  to be placed
 * @param {Map<string, number>} lanes  changed in place
 * @param {(coding: any) => any[]} neighbours  those that overlap it, itself left out
 */
export function placeLanes(added, lanes, neighbours) {
  for (const coding of added) {
    const side = sideOf(coding);
    if (!side) continue;
    const taken = new Set();
    for (const other of neighbours(coding)) {
      if (sideOf(other) === side && lanes.has(other.id)) taken.add(lanes.get(other.id));
    }
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    lanes.set(coding.id, lane);
  }
}

/**
 * Lanes of a whole text at once: in the order of their starts, the longest first.
 * @param {Iterable<any>} codings @returns {Map<string, number>}
 */
export function allLanes(codings) {
  const lanes = new Map();
  const ends = { under: [], over: [] };
  for (const coding of inOrder(codings)) {
    const side = sideOf(coding);
    if (!side) continue;
    const open = ends[side];
    let lane = open.findIndex((end) => end <= coding.start);
    if (lane < 0) lane = open.length;
    open[lane] = coding.end;
    lanes.set(coding.id, lane);
  }
  return lanes;
}

/** Codings by their places in the text. @param {Iterable<any>} codings @returns {any[]} */
export function inOrder(codings) {
  return [...codings].sort(byPlace);
}

/** Which of two codings comes first: by start, the longer first. */
export function byPlace(a, b) {
  return a.start - b.start || b.end - a.end || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/**
 * The runs of a block: stretches over which the same codings lie.
 * @param {{start: number, end: number}} block
 * @param {any[]} codings  that touch the block
 * @param {{start: number, end: number, by?: string}[]} quoted
 * @returns {{start: number, end: number, codings: any[], quoted: any}[]}
 */
export function runsOf(block, codings, quoted = []) {
  const edges = new Set([block.start, block.end]);
  for (const each of [...codings, ...quoted]) {
    if (each.start > block.start && each.start < block.end) edges.add(each.start);
    if (each.end > block.start && each.end < block.end) edges.add(each.end);
  }
  const sorted = [...edges].sort((a, b) => a - b);
  const ordered = inOrder(codings);
  const runs = [];
  for (let k = 0; k + 1 < sorted.length; k += 1) {
    const [start, end] = [sorted[k], sorted[k + 1]];
    runs.push({
      start, end,
      codings: ordered.filter((each) => each.start < end && each.end > start),
      quoted: quoted.find((each) => each.start < end && each.end > start) ?? null,
    });
  }
  return runs;
}
