// What the coder does: shown at once, sent to Python, and taken back where it is refused.

import { uuid } from "./dom.js";
import { movedByWord, tidySpan } from "./offsets.js";
import { CLOSED } from "./sheet.js";
import { backWords } from "./telling.js";

/** What is to be done with an answer, and what is said of it. */
function said(about, say) {
  return { ...about, done: (reply) => { about.done?.(reply); say(); } };
}

export class Work {
  /** @param {import("./state.js").State} state @param {import("./outbox.js").Outbox} outbox */
  constructor(state, outbox) {
    this.state = state;
    this.outbox = outbox;
  }

  get sheet() {
    return this.state.sheet;
  }

  // ── codings ──

  /** Code a span with one or several codes. @param {{start: number, end: number}} span @param {string[]} codes */
  code(span, codes) {
    const [start, end] = tidySpan(this.sheet.text, span.start, span.end);
    if (start >= end) return this.state.say("There are no words in what is selected.", "refused");
    const known = this.sheet.between(start, end).filter(
      (each) => each.layer === "own" && each.start === start && each.end === end,
    );
    const fresh = codes.filter((code) => !known.some((each) => each.code === code));
    if (!fresh.length) {
      const names = codes.map((code) => this.state.nameOf(code)).join(", ");
      return this.state.say(`These words are already coded ${names}.`);
    }
    const made = fresh.map((code) => ({
      id: `new:${uuid()}`, start, end, region: null, code, coder: this.state.study.coder,
      layer: "own", score: null, evidence: "", memos: 0, status: "current",
    }));
    this.change("code", { document: this.sheet.id, ...this.sheet.inPoints(start, end), codes: fresh }, made);
    this.state.activate(made[made.length - 1].id);
    const names = fresh.map((code) => this.state.nameOf(code)).join(", ");
    return this.state.say(`Coded ${names}.`);
  }

  /** Code a part of the picture. @param {[number, number, number, number]} region @param {string[]} codes */
  codeRegion(region, codes) {
    const known = [...this.sheet.codings.values()].filter((each) => each.layer === "own" && each.region?.join() === region.join());
    const fresh = codes.filter((code) => !known.some((each) => each.code === code));
    if (!fresh.length) return this.state.say(`This part is already coded ${codes.map((code) => this.state.nameOf(code)).join(", ")}.`);
    const made = fresh.map((code) => ({
      id: `new:${uuid()}`, start: 0, end: 0, region, code, coder: this.state.study.coder,
      layer: "own", score: null, evidence: "", memos: 0, status: "current",
    }));
    this.change("code", { document: this.sheet.id, region, codes: fresh }, made);
    this.state.activate(made[made.length - 1].id);
    return this.state.say(`Coded ${fresh.map((code) => this.state.nameOf(code)).join(", ")}.`);
  }

  /** Another code for the same words. @param {any} coding @param {string} code */
  recode(coding, code) {
    const waits = coding.layer === "proposed" && coding.status === "current";
    if (coding.code === code && waits) this.decide([coding], "accept");
    else if (coding.code === code) this.state.say(`It is coded ${this.state.nameOf(code)} already.`);
    else if (waits) {
      this.decide([coding], "change", { code });
      this.state.say(`Accepted as ${this.state.nameOf(code)}, in the place of ${this.state.nameOf(coding.code)}.`);
    } else {
      this.change("recode", { coding: coding.id, code }, [{ ...coding, code }]);
      this.state.say(`Changed to ${this.state.nameOf(code)}.`);
    }
  }

  /** @param {any} coding @param {number} from @param {number} to */
  move(coding, from, to) {
    const [start, end] = tidySpan(this.sheet.text, from, to);
    if (start >= end || (start === coding.start && end === coding.end)) return;
    const span = this.sheet.inPoints(start, end);
    if (coding.layer === "proposed" && coding.status === "current") {
      this.decide([coding], "change", span, [start, end]);
    } else {
      this.change("move", { coding: coding.id, ...span }, [{ ...coding, start, end }]);
    }
  }

  /** Another rectangle of the picture. @param {any} coding @param {number[]} region */
  moveRegion(coding, region) {
    if (region.join() === coding.region.join()) return;
    this.change("move", { coding: coding.id, region }, [{ ...coding, region }]);
    this.state.say(`${this.state.nameOf(coding.code)}: moved. Ctrl+Z takes it back.`);
  }

  /** Move one edge by a word. @param {any} coding @param {"start"|"end"} edge @param {-1|1} by */
  nudge(coding, edge, by) {
    const to = movedByWord(this.sheet.text, coding[edge], edge, by);
    const start = edge === "start" ? to : coding.start;
    const end = edge === "end" ? to : coding.end;
    if (start >= end || to === coding[edge]) {
      this.state.say("This edge goes no further.");
      return;
    }
    const waits = coding.layer === "proposed" && coding.status === "current";
    this.move(coding, start, end);
    const words = this.sheet.text.slice(start, end);
    this.state.say(waits ? `Accepted with other edges: ${words}` : words);
  }

  remove(coding) {
    this.change("remove", { coding: coding.id }, [], [coding.id]);
    this.state.say(`${this.state.nameOf(coding.code)} removed. Ctrl+Z brings it back.`);
  }

  /** @param {any[]} codings @param {"accept"|"reject"|"change"|"reopen"} action @param {any} [to] @param {[number, number]} [units] */
  decide(codings, action, to = {}, units = undefined) {
    const status = { reject: "rejected", reopen: "current" }[action] ?? "accepted";
    const shown = codings.map((coding) => ({
      ...coding, status, code: to.code ?? coding.code,
      start: units ? units[0] : coding.start, end: units ? units[1] : coding.end,
    }));
    this.change("decide", { codings: codings.map((coding) => coding.id), action, ...to }, shown);
    const word = { accept: "Accepted", reject: "Rejected", change: "Changed", reopen: "It waits again" }[action];
    this.state.say(`${word}: ${this.state.nameOf(shown[0].code)}.`);
  }

  /** Show a change at once and send it. */
  change(op, message, shown, gone = []) {
    const touches = [...shown.map((each) => each.id), ...gone];
    const before = new Map(touches.map((id) => [id, this.sheet.codings.get(id) ?? null]));
    this.show(shown, gone);
    const views = new Map(shown.map((each) => [each.id, each]));
    this.outbox.post({ op, ...message }, { touches, before, shown: views, sheet: this.sheet.id });
  }

  show(shown, gone = []) {
    const touched = new Set();
    for (const id of gone) for (const block of this.sheet.drop(id)) touched.add(block);
    for (const each of shown) for (const block of this.sheet.put(each)) touched.add(block);
    if (gone.includes(this.state.active)) this.state.activate(null);
    this.state.tell("codings", touched);
  }

  // ── the document ──

  flag(on, note = "") {
    const { sheet } = this;
    this.mark(sheet, { flagged: on });
    this.outbox.post({ op: "flag", document: sheet.id, on, note }, { refused: () => this.mark(sheet, { flagged: !on }) });
    this.state.say(on ? "Flagged: you will find it again by its flag." : "The flag is gone.");
  }

  read(on) {
    const { sheet } = this;
    this.mark(sheet, { read: on });
    this.outbox.post({ op: "read", document: sheet.id, on }, { refused: () => this.mark(sheet, { read: !on }) });
  }

  /** Read by mistake: the text waits again. */
  unread() {
    if (!this.sheet?.read) return this.state.say("This text is not marked as read.");
    this.read(false);
    return this.state.say("Not read yet: this text comes again.");
  }

  mark(sheet, what) {
    Object.assign(sheet, what);
    const entry = this.state.study.queue?.find((each) => each.id === sheet.id);
    if (entry) Object.assign(entry, what);
    this.state.tell("progress");
  }

  /** Read: what is not coded was looked for and not found. Then the next text. */
  finish() {
    if (!this.sheet || !this.state.held.letsGo()) return;
    if (!this.sheet.read && this.sheet.sha256 !== CLOSED) this.read(true);
    this.goOn();
  }

  /** The next text, if nothing stands in the way that the coder has not seen. */
  next() {
    if (this.state.held.letsGo()) this.goOn();
  }

  goOn() {
    this.sayCut();
    this.outbox.post({ op: "next", order: this.state.order, from: this.sheet?.id ?? null });
  }

  /** @param {string} document @param {() => void} [done]  called when it is shown */
  open(document, done = undefined) {
    this.sayCut();
    this.outbox.post({ op: "open", document }, { done });
  }

  /** A text cannot be shown while the line is cut. */
  sayCut() {
    if (!this.state.connected) this.state.say("Not connected: the text opens as soon as the line stands again.");
  }

  queue(order) {
    this.state.order = order;
    this.outbox.post({ op: "queue", order });
  }

  // ── memos, codes, going back ──

  /** @param {{text: string, kind: string, document?: string, start?: number, end?: number, code?: string}} memo */
  memo(memo, words = "The memo is kept.", about = {}) {
    const span = memo.start === undefined ? {} : this.sheet.inPoints(memo.start, memo.end);
    this.outbox.post({ op: "memo", ...memo, ...span }, said(about, () => this.state.say(words)));
  }

  /** Other words for one's own memo. @param {any} memo @param {{text: string, kind: string}} next */
  editMemo(memo, next, about = {}) {
    this.outbox.post({ op: "edit_memo", memo: memo.id, ...next },
      { sheet: memo.document, ...said(about, () => this.state.say("The memo is changed. Ctrl+Z takes it back.")) });
  }

  /** @param {any} memo */
  removeMemo(memo) {
    this.outbox.post({ op: "remove_memo", memo: memo.id },
      { sheet: memo.document, done: () => this.state.say("The memo is removed. Ctrl+Z brings it back.") });
  }

  /** A code made from the words that are selected. @param {{name: string, definition: string, in_vivo: boolean}} code @param {any} span */
  newCode(code, span, about = {}) {
    const place = {};
    if (span?.region) Object.assign(place, { document: this.sheet.id, region: span.region });
    else if (span) {
      const [start, end] = tidySpan(this.sheet.text, span.start, span.end);
      Object.assign(place, { document: this.sheet.id, ...this.sheet.inPoints(start, end) });
    }
    this.outbox.post({ op: "new_code", ...code, ...place }, { sheet: this.sheet?.id, ...about });
  }

  /** `edit_code`, `move_code`, `merge_codes`, `retire_code`, `restore_code`. @param {any} message @param {string} words  said when it is done */
  changeCodebook(message, words = "The codebook is changed.", done = () => {}) {
    this.outbox.post(message, said({ done }, () => this.state.say(words)));
  }

  undo() {
    if (!this.state.can.undo && !this.outbox.waiting) return this.state.say("There is nothing to take back.");
    this.outbox.post({ op: "undo" }, { done: (reply) => this.state.say(backWords("undo", reply.what)) });
  }

  redo() {
    if (!this.state.can.redo && !this.outbox.waiting) return this.state.say("There is nothing to do again.");
    this.outbox.post({ op: "redo" }, { done: (reply) => this.state.say(backWords("redo", reply.what)) });
  }
}
