// A text as blocks: one a line, very long lines in pieces. Blocks hold every character that is
// shown; the line breaks between them belong to none. All offsets here are UTF-16 units.

import { countBelow } from "./offsets.js";

const LONGEST = 3000;

/**
 * @typedef {object} Block
 * @property {number} index
 * @property {number} start
 * @property {number} end
 * @property {boolean} gap  an empty line stands before it
 * @property {boolean} continued  a piece of a long line that began in an earlier block
 * @property {number} level  of a heading; 0 for a paragraph
 * @property {{speaker: string, at: string}|null} turn  the turn that begins here
 * @property {boolean} aside  of a turn that is context and not coded
 * @property {boolean} label  a line that names who speaks next
 * @property {string|null} quoted  whose words they are, if not the participant's
 */

/** Where a long line is cut: after a sentence, else after a word. */
function cut(text, start, end) {
  const most = start + LONGEST;
  if (end <= most) return end;
  const stretch = text.slice(start, most);
  for (const pattern of [". ", "? ", "! ", " "]) {
    const found = stretch.lastIndexOf(pattern);
    if (found > LONGEST / 3) return start + found + pattern.length;
  }
  const code = text.charCodeAt(most);
  return code >= 0xdc00 && code <= 0xdfff ? most - 1 : most;
}

/**
 * @param {string} text
 * @param {{turns?: any[], headings?: any[], quoted?: any[]}} [marks]  in UTF-16 units
 * @returns {Block[]}
 */
export function splitBlocks(text, marks = {}) {
  /** @type {Block[]} */
  const blocks = [];
  const breaks = (marks.turns ?? []).map((turn) => turn.start).sort((a, b) => a - b);
  let gap = false;
  let at = 0;
  while (at <= text.length) {
    const newline = text.indexOf("\n", at);
    const line = newline < 0 ? text.length : newline;
    let end = line;
    if (end > at && text[end - 1] === "\r") end -= 1;
    if (end > at) {
      addLine(blocks, text, at, end, gap, breaks);
      gap = false;
    } else if (blocks.length) gap = true;
    at = line + 1;
  }
  placeMarks(blocks, marks);
  placeLabels(blocks, text);
  return blocks;
}

function addLine(blocks, text, start, end, gap, breaks) {
  let from = start;
  for (const turn of breaks.slice(countBelow(breaks, start + 1), countBelow(breaks, end))) {
    from = addPieces(blocks, text, from, turn, gap && from === start, from !== start);
  }
  addPieces(blocks, text, from, end, gap && from === start, from !== start);
}

function addPieces(blocks, text, start, end, gap, continued) {
  let from = start;
  while (from < end) {
    const to = cut(text, from, end);
    blocks.push({
      index: blocks.length, start: from, end: to, gap: gap && from === start,
      continued: continued || from !== start, level: 0, turn: null, quoted: null, aside: false, label: false,
    });
    from = to;
  }
  return end;
}

/** Seconds as h:mm:ss; what is words already stays as it is. @param {number|string|null|undefined} at */
export function clock(at) {
  if (typeof at !== "number") return at ?? "";
  const whole = Math.floor(at);
  const two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

function placeMarks(blocks, { turns = [], headings = [], quoted = [] }) {
  for (const turn of turns) {
    const block = blocks[firstBlock(blocks, turn.start)];
    if (block) Object.assign(block, { turn: { speaker: turn.speaker ?? "", at: clock(turn.at) }, continued: false });
  }
  for (const turn of turns) {
    if (turn.coded !== false) continue;
    for (const block of blocksWithin(blocks, turn.start, turn.end)) block.aside = true;
  }
  for (const heading of headings) {
    for (const block of blocksWithin(blocks, heading.start, heading.end)) block.level = heading.level || 1;
  }
  for (const quote of quoted) {
    for (const block of blocksWithin(blocks, quote.start, quote.end)) {
      if (quote.start <= block.start && quote.end >= block.end) block.quoted = quote.by ?? "";
    }
  }
}

/** A line that only names the speaker of the turn below it goes into the margin itself. */
function placeLabels(blocks, text) {
  for (const block of blocks) {
    const above = blocks[block.index - 1];
    if (!block.turn?.speaker || !above || above.turn) continue;
    if (text.slice(above.start, above.end).replace(/[\s:*]+$/, "").trim() !== block.turn.speaker) continue;
    above.label = true;
    block.turn = { ...block.turn, speaker: "" };
  }
}

/** The first block that ends after an offset. @param {Block[]} blocks @param {number} offset @returns {number} */
export function firstBlock(blocks, offset) {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle].end <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The blocks that a span touches. @param {Block[]} blocks @returns {Block[]} */
export function blocksWithin(blocks, start, end) {
  const found = [];
  for (let k = firstBlock(blocks, start); k < blocks.length && blocks[k].start < end; k += 1) {
    found.push(blocks[k]);
  }
  return found;
}
