// What the page knows, and who is told when it changes. Truth lies in Python: this is its copy
// and what the coder has done since.

import { Held } from "./held.js";

/**
 * Subjects: "study", "sheet" (another document), "codings" (detail: Set of blocks), "active",
 * "selection", "region", "caret", "saving", "codebook", "codememos", "progress", "memos", "notice",
 * "held" (what was refused).
 */
export class State {
  constructor() {
    this.study = null;
    /** @type {import("./sheet.js").Sheet|null} */
    this.sheet = null;
    /** @type {string|null} */
    this.active = null;
    /** @type {{start: number, end: number}|null} */
    this.selection = null;
    /** @type {[number, number, number, number]|null} a rectangle drawn in the picture */
    this.region = null;
    this.caret = 0;
    this.order = "assigned";
    this.can = { undo: false, redo: false };
    this.last = "";
    this.connected = true;
    this.elsewhere = false;
    this.listeners = new Map();
    this.codes = new Map();
    this.keys = new Map();
    /** Keys of codes that print a sign of the panel's own on this keyboard. @type {Set<string>} */
    this.taken = new Set();
    this.held = new Held((words) => {
      this.tell("held");
      if (words) this.say(words);
    });
  }

  /** @param {string} subject @param {(detail: any) => void} listener */
  on(subject, listener) {
    if (!this.listeners.has(subject)) this.listeners.set(subject, []);
    this.listeners.get(subject).push(listener);
  }

  /** @param {string} subject @param {any} [detail] */
  tell(subject, detail) {
    for (const listener of this.listeners.get(subject) ?? []) listener(detail);
  }

  /** @param {any} message  of type "study" */
  takeStudy(message) {
    this.study = message;
    this.takeCan(message.can);
    this.takeCodebook(message.codebook ?? []);
    this.tell("study");
  }

  takeCodebook(whole) {
    this.whole = whole;
    const codebook = whole.map((code) => (this.taken.has(code.key) ? { ...code, key: "" } : code));
    this.study.codebook = codebook;
    this.codes = new Map(codebook.map((code) => [code.id, code]));
    this.keys = new Map(codebook.filter((code) => code.key && code.status !== "retired").map((code) => [code.key, code]));
    this.tell("codebook");
  }

  /** A key prints a sign that does something else here, or does not after all. @param {string} key @param {boolean} on @returns {string} the name of the code that has it */
  takeKey(key, on) {
    if (this.taken.has(key) === on) return "";
    const code = this.whole?.find((each) => each.key === key && each.status !== "retired");
    if (on) this.taken.add(key);
    else this.taken.delete(key);
    if (code) this.takeCodebook(this.whole);
    return code?.name ?? "";
  }

  /** The memos on codes anew. @param {any[]} memos */
  takeCodeMemos(memos) {
    this.study.memos = memos;
    this.tell("codememos");
  }

  takeCodeMemo(memo) {
    const others = (this.study.memos ?? []).filter((each) => each.id !== memo.id);
    this.takeCodeMemos([...others, memo]);
  }

  takeCan(can) {
    if (can) this.can = { ...this.can, ...can };
  }

  /** Whether the coder may do something; what Python says nothing of is allowed. */
  may(what) {
    return this.can[what] !== false && this.study?.can?.[what] !== false;
  }

  nameOf(codeId) {
    return this.codes.get(codeId)?.name ?? codeId;
  }

  /** @param {string|null} id */
  activate(id) {
    if (this.active === id) return;
    const before = this.active;
    this.active = id;
    this.tell("active", before);
  }

  activeCoding() {
    return this.active ? (this.sheet?.codings.get(this.active) ?? null) : null;
  }

  select(span) {
    const same = this.selection?.start === span?.start && this.selection?.end === span?.end;
    this.selection = span;
    if (span) this.choose(null);
    if (!same) this.tell("selection");
  }

  /** A part of the picture in the place of selected words. @param {number[]|null} region */
  choose(region) {
    if (this.region === region) return;
    this.region = region;
    if (region) this.selection = null;
    this.tell("region");
    this.tell("selection");
  }

  /** Say something in words. @param {string} text @param {"said"|"refused"} [how] */
  say(text, how = "said") {
    this.tell("notice", { text, how });
  }
}
