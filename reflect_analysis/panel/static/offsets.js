// Offsets: messages count code points, JavaScript counts UTF-16 units. The map is made once a
// text and is the identity where no character lies beyond the basic plane.

const ASTRAL = /[\u{10000}-\u{10FFFF}]/gu;
const graphemes = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;
const words = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "word" }) : null;
const sentences = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "sentence" }) : null;

/** How many numbers in a sorted list are below a limit. @param {ArrayLike<number>} sorted @param {number} limit */
export function countBelow(sorted, limit) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where a place of a text lies once the text was corrected: by what did not change around it.
 * @param {string} before @param {string} after @returns {(offset: number) => number}
 */
export function carrier(before, after) {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const grown = after.length - before.length;
  return (offset) => {
    if (offset <= head) return offset;
    if (offset >= before.length - tail) return offset + grown;
    return likeness(before, after, offset) ?? Math.min(Math.max(offset, head), after.length - tail);
  };
}

/** The place whose next words, or else the words before it, are the same; the nearest such. */
function likeness(before, after, offset) {
  for (const [from, to] of [[offset, offset + 24], [offset - 24, offset]]) {
    const words = before.slice(Math.max(from, 0), to);
    if (!words.trim()) continue;
    const back = after.lastIndexOf(words, from);
    const on = after.indexOf(words, from);
    const found = back < 0 || (on >= 0 && on - from < from - back) ? on : back;
    if (found >= 0) return found + offset - Math.max(from, 0);
  }
  return undefined;
}

/**
 * @typedef {{ toPoints: (units: number) => number, toUnits: (points: number) => number }} OffsetMap
 * @param {string} text
 * @returns {OffsetMap}
 */
export function offsetMap(text) {
  /** @type {number[]} */
  const units = [];
  for (const match of text.matchAll(ASTRAL)) units.push(match.index);
  if (!units.length) return { toPoints: (n) => n, toUnits: (n) => n };
  const points = units.map((unit, k) => unit - k);
  return {
    toPoints: (n) => n - countBelow(units, n),
    toUnits: (n) => n + countBelow(points, n),
  };
}

/**
 * The end (or the start) of the grapheme in which an offset lies, so that no emoji or accent is cut.
 * @param {string} text @param {number} offset @param {"start"|"end"} side @returns {number}
 */
export function wholeGrapheme(text, offset, side) {
  if (!graphemes || offset <= 0 || offset >= text.length) return offset;
  const from = Math.max(0, offset - 48);
  const near = text.slice(from, offset + 48);
  const found = graphemes.segment(near).containing(offset - from);
  if (!found || found.index === offset - from) return offset;
  return from + found.index + (side === "end" ? found.segment.length : 0);
}

/** A span without the white space at its edges, made of whole graphemes. @returns {[number, number]} */
export function tidySpan(text, from, to) {
  let start = wholeGrapheme(text, Math.min(from, to), "start");
  let end = wholeGrapheme(text, Math.max(from, to), "end");
  while (start < end && /\s/.test(text[start])) start += 1;
  while (end > start && /\s/.test(text[end - 1])) end -= 1;
  return [start, end];
}

/**
 * The edges of words around an offset.
 * @param {string} text @param {number} offset @returns {{starts: number[], ends: number[]}}
 */
function wordEdges(text, offset) {
  const from = Math.max(0, offset - 300);
  const near = text.slice(from, offset + 300);
  const starts = [];
  const ends = [];
  if (words) {
    for (const part of words.segment(near)) {
      if (!part.isWordLike) continue;
      starts.push(from + part.index);
      ends.push(from + part.index + part.segment.length);
    }
  } else {
    for (const match of near.matchAll(/[\p{L}\p{N}\p{M}’']+/gu)) {
      starts.push(from + match.index);
      ends.push(from + match.index + match[0].length);
    }
  }
  return { starts, ends };
}

/**
 * Where an edge goes when it is moved by one word.
 * @param {string} text @param {number} offset @param {"start"|"end"} edge @param {-1|1} by
 * @returns {number}  the same offset where there is no further word
 */
export function movedByWord(text, offset, edge, by) {
  const edges = wordEdges(text, offset)[edge === "start" ? "starts" : "ends"];
  if (by > 0) return edges.find((place) => place > offset) ?? offset;
  return edges.findLast((place) => place < offset) ?? offset;
}

/** The sentence in which an offset lies, within a stretch. @returns {[number, number]} */
export function sentenceAt(text, offset, from, to) {
  const stretch = text.slice(from, to);
  if (!sentences) return tidySpan(text, from, to);
  const inside = Math.min(Math.max(offset - from, 0), Math.max(stretch.length - 1, 0));
  const found = sentences.segment(stretch).containing(inside);
  if (!found) return tidySpan(text, from, to);
  return tidySpan(text, from + found.index, from + found.index + found.segment.length);
}
