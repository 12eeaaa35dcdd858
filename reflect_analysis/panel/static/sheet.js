// One open document: its text, blocks and codings, in UTF-16 units. It knows which blocks a
// change touches, so that only these are drawn anew.

import { blocksWithin, firstBlock, splitBlocks } from "./blocks.js";
import { allLanes, byPlace, inOrder, placeLanes, sideOf } from "./marks.js";
import { offsetMap } from "./offsets.js";

/** @typedef {import("./blocks.js").Block} Block */

export const CLOSED = "closed"; // in the place of a hash: no such words are in the study

export class Sheet {
  /** @param {any} message  a `document` message, in code points */
  constructor(message) {
    this.id = message.id;
    this.text = message.text;
    this.sha256 = message.sha256 ?? "";
    this.title = message.title || message.id;
    this.kind = message.kind ?? "";
    this.prompt = message.prompt ?? "";
    this.attributes = message.attributes ?? [];
    this.hidden = message.hidden ?? [];
    this.picture = message.picture ?? null;
    this.read = Boolean(message.read);
    this.flagged = Boolean(message.flagged);
    this.map = offsetMap(this.text);
    this.answers = (message.answers ?? []).map(([question, , start, end]) => this.inUnits({ question, start, end }));
    this.memos = (message.memos ?? []).map((memo) => this.inUnits(memo));
    this.takeLeft(message.left);
    this.quoted = (message.quoted ?? []).map((each) => this.inUnits(each));
    /** @type {Block[]} */
    this.blocks = splitBlocks(this.text, {
      turns: (message.turns ?? []).map((each) => this.inUnits(each)),
      headings: (message.headings ?? []).map((each) => this.inUnits(each)),
      quoted: this.quoted,
    });
    this.replaceCodings(message.codings ?? []);
  }

  /** What rests on an earlier wording of the text: the coder's own, and how much of others'. @param {any} [left] */
  takeLeft(left = { own: [], others: [] }) {
    this.left = { others: left.others, own: left.own.map((each) => this.inUnits(each)) };
  }

  /** Take all codings anew, as a reply gives them. @param {any[]} codings */
  replaceCodings(codings) {
    /** @type {Map<string, any>} */
    this.codings = new Map(codings.map((each) => [each.id, this.inUnits(each)]));
    this.lanes = allLanes(this.codings.values());
    /** @type {Set<any>[]} */
    this.byBlock = this.blocks.map(() => new Set());
    for (const coding of this.codings.values()) this.index(coding);
    this.ordered = null;
  }

  /** A coding, memo or turn with its offsets in UTF-16 units. */
  inUnits(value) {
    if (typeof value.start !== "number" || typeof value.end !== "number") return { ...value };
    return { ...value, start: this.map.toUnits(value.start), end: this.map.toUnits(value.end) };
  }

  /** A span for a message. @returns {{start: number, end: number}} */
  inPoints(start, end) {
    return { start: this.map.toPoints(start), end: this.map.toPoints(end) };
  }

  /** @param {any} coding */
  index(coding) {
    if (coding.region) return;
    for (const block of blocksWithin(this.blocks, coding.start, coding.end)) {
      this.byBlock[block.index].add(coding);
    }
  }

  /** Put a new or changed coding in place. @param {any} coding @returns {Set<number>} touched blocks */
  put(coding) {
    const before = this.codings.get(coding.id);
    const stays = before && before.start === coding.start && before.end === coding.end && sideOf(before) === sideOf(coding);
    const lane = this.lanes.get(coding.id);
    const touched = before ? this.drop(coding.id) : new Set();
    this.codings.set(coding.id, coding);
    this.index(coding);
    if (stays && lane !== undefined) this.lanes.set(coding.id, lane);
    else placeLanes([coding], this.lanes, (each) => this.overlapping(each));
    for (const block of blocksWithin(this.blocks, coding.start, coding.end)) touched.add(block.index);
    if (this.ordered) this.ordered.splice(this.placeInOrder(coding), 0, coding);
    return touched;
  }

  /** A coding has its id from the store now, and lies as it did. @param {string} id @param {any} coding @returns {boolean} whether it does */
  settle(id, coding) {
    const before = this.codings.get(id);
    const same = before && !this.codings.has(coding.id)
      && ["start", "end", "code", "layer", "status", "coder"].every((name) => before[name] === coding[name])
      && String(before.region ?? "") === String(coding.region ?? "");
    if (!same) return false;
    const lane = this.lanes.get(id);
    this.lanes.delete(id);
    this.codings.delete(id);
    const place = this.ordered ? this.placeInOrder(before) : -1;
    if (place >= 0) this.ordered.splice(place, 1);
    Object.assign(before, coding); // what is drawn holds this very object
    this.codings.set(before.id, before);
    if (lane !== undefined) this.lanes.set(before.id, lane);
    if (place >= 0) this.ordered.splice(this.placeInOrder(before), 0, before);
    return true;
  }

  /** Take a coding away. @param {string} id @returns {Set<number>} touched blocks */
  drop(id) {
    const coding = this.codings.get(id);
    const touched = new Set();
    if (!coding) return touched;
    this.codings.delete(id);
    this.lanes.delete(id);
    if (this.ordered) this.ordered.splice(this.placeInOrder(coding), 1);
    for (const block of blocksWithin(this.blocks, coding.start, coding.end)) {
      this.byBlock[block.index].delete(coding);
      touched.add(block.index);
    }
    return touched;
  }

  /** Others that overlap a coding. @returns {any[]} */
  overlapping(coding) {
    return this.between(coding.start, coding.end).filter((each) => each.id !== coding.id);
  }

  /** Codings that touch a span. @returns {any[]} */
  between(start, end) {
    const found = new Set();
    for (const block of blocksWithin(this.blocks, start, end)) {
      for (const each of this.byBlock[block.index]) {
        if (each.start < end && each.end > start) found.add(each);
      }
    }
    return [...found];
  }

  /** Codings at an offset that are drawn, the shortest first. @returns {any[]} */
  at(offset) {
    return this.between(offset, offset + 1)
      .filter((each) => sideOf(each))
      .sort((a, b) => a.end - a.start - (b.end - b.start) || (a.id < b.id ? -1 : 1));
  }

  /** All codings in the order of the text. @returns {any[]} */
  inOrder() {
    this.ordered ??= inOrder(this.codings.values());
    return this.ordered;
  }

  /** Where a coding stands, or would stand, in the order of the text. */
  placeInOrder(coding) {
    let low = 0;
    let high = this.ordered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byPlace(this.ordered[middle], coding) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many lines lie under and over the words of a block. */
  depthOf(index) {
    const depth = { under: 0, over: 0 };
    for (const coding of this.byBlock[index]) {
      const side = sideOf(coding);
      if (side) depth[side] = Math.max(depth[side], (this.lanes.get(coding.id) ?? 0) + 1);
    }
    return depth;
  }

  /** The block in which an offset lies or which comes next. @param {number} offset @returns {Block} */
  blockAt(offset) {
    return this.blocks[Math.min(firstBlock(this.blocks, offset), this.blocks.length - 1)];
  }

  /** The block of a caret: at a line's end the line, and not the one after it. @returns {Block} */
  blockOfCaret(offset) {
    const next = this.blocks[firstBlock(this.blocks, offset)];
    const before = this.blocks[(next?.index ?? this.blocks.length) - 1];
    return before && before.end === offset && next?.start !== offset ? before : this.blockAt(offset);
  }

  /** Where reading begins: after headings, and after a title that stands above as well. */
  get beginning() {
    const title = this.title.trim();
    const first = this.blocks.find((block) => !block.level && !block.label && this.words(block).trim() !== title);
    return first?.start ?? 0;
  }

  /** @param {{start: number, end: number}} span @returns {string} */
  words(span) {
    return this.text.slice(span.start, span.end);
  }
}

/** Codes of a document that a coder may still decide on, in the order of the text. */
export function waitingProposals(sheet) {
  return sheet.inOrder().filter((each) => each.layer === "proposed" && each.status === "current");
}

/** A proposal that somebody decided on: the decision may be taken back. */
export function isDecided(coding) {
  return coding?.layer === "proposed" && coding.status !== "current";
}

/** Proposals of a document that were rejected, in the order of the text. */
export function rejectedProposals(sheet) {
  return sheet.inOrder().filter((each) => each.layer === "proposed" && each.status === "rejected");
}

/** Whether a coding is the coder's to move, size and recode: their own, or a machine's. */
export function mayChange(coding) {
  return coding.layer === "own" || coding.layer === "proposed";
}

/** Codings that stand: the coder's own, others' and accepted proposals. */
export function standing(sheet) {
  return sheet.inOrder().filter((each) => each.region || sideOf(each) === "under");
}
