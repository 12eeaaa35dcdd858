// What Python answers. Its word is the truth: it is laid over what the page showed, except where
// the coder has gone on meanwhile; then the newer change waits for its own answer.

import { carrier } from "./offsets.js";
import { CLOSED, Sheet } from "./sheet.js";
import { asItWas, keyOf, lostBy, whatChanged } from "./telling.js";

const TOLD_THERE = new Set(["agree", "decide_many", "preview", "adjudicate"]); // where it was asked for
const NOT_NOW = new Set(["busy", "unreachable"]); // the store: in use by another program, or its server is away
const SOON = 2000; // milliseconds until a study that could not be read is asked for again

export class Replies {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./outbox.js").Outbox} outbox
   * @param {import("./operations.js").Work} work
   */
  constructor(state, outbox, work) {
    this.state = state;
    this.outbox = outbox;
    this.work = work;
    this.hello = "";
    this.onward = false; // the next text was asked for while the line was cut
    this.wanted = ""; // or this one
    /** Greets Python again; the panel sets it. */
    this.again = () => {};
  }

  /** @param {any} message */
  take(message) {
    if (message.type === "study") this.takeStudy(message);
    else if (message.type === "document") this.takeDocument(message);
    else if (message.type === "queue") this.takeQueue(message);
    else if (message.type === "done") this.takeDone(message);
    else this.takeOther(message);
    this.outbox.flush();
  }

  /** What was asked for while the line was cut, and is asked for again. @param {any[]} asked  postings */
  recall(asked) {
    for (const { message } of asked) {
      if (message.op === "queue") continue;
      this.onward = message.op === "next";
      this.wanted = message.op === "open" ? message.document : "";
    }
  }

  takeStudy(message) {
    if (message.re && message.re !== this.hello) return;
    this.state.takeStudy(message);
    this.state.last = message.last ?? this.state.last;
    this.outbox.moveTo(`${message.study ?? message.title}\u0000${message.coder}`);
    this.outbox.found();
    const queue = message.queue ?? [];
    const first = this.wanted || (this.state.sheet?.id ?? message.document
      ?? (queue.find((each) => !each.read) ?? queue[0])?.id);
    const onward = this.onward && this.state.sheet;
    this.onward = false;
    this.wanted = "";
    if (this.state.order !== "assigned") this.work.queue(this.state.order);
    // The open text anew in any case: something may keep the coder in it, and a new phase may hide much.
    if (first) this.work.open(first, onward ? () => this.work.next() : undefined);
    else this.state.tell("empty");
  }

  takeDocument(message) {
    const posting = message.re ? this.outbox.answered(message.re) : undefined;
    if (message.re && !posting) return; // another view asked
    this.showDocument(message);
    this.takeCommon(message);
    posting?.done?.(message);
  }

  /** Show a document; what is not answered yet is laid over it. */
  showDocument(message) {
    const again = this.state.sheet?.id === message.id;
    const { caret, selection, sheet } = this.state;
    const carry = again && sheet.text !== message.text ? carrier(sheet.text, message.text) : null;
    this.state.sheet = new Sheet(message);
    this.layUnder(message.id);
    if (!again) {
      this.state.active = null;
      this.state.selection = null;
      this.state.choose(null);
    } else if (!this.state.sheet.codings.has(this.state.active)) this.state.active = null;
    this.state.caret = !again ? this.state.sheet.beginning : carry ? carry(caret) : caret;
    if (carry) this.state.selection = this.carried(selection, carry, sheet);
    if (!again || carry) this.state.held.correct(Boolean(carry && message.sha256 !== CLOSED));
    this.state.tell("sheet", { again, carry });
    this.state.tell("corrected", Boolean(carry && message.sha256 !== CLOSED));
    this.state.tell("progress");
  }

  /** Changes that have no answer yet are shown on the text that came. @param {string} id */
  layUnder(id) {
    const { sheet } = this.state;
    for (const { touches, shown, before, message } of this.outbox.mine().filter((each) => each.sheet === id && each.touches)) {
      if (message.sha256 && message.sha256 !== sheet.sha256) continue; // it will be refused
      for (const known of touches) {
        if (!known.startsWith("new:") && !sheet.codings.has(known)) continue;
        before.set(known, sheet.codings.get(known) ?? null);
        if (shown?.has(known)) sheet.put(shown.get(known));
        else sheet.drop(known);
      }
    }
  }

  /** What was selected, if its words are the same in the corrected text. */
  carried(selection, carry, before) {
    if (!selection) return null;
    const start = carry(selection.start);
    const end = start + selection.end - selection.start;
    return this.state.sheet.text.slice(start, end) === before.words(selection) ? { start, end } : null;
  }

  /** The open text as it is now: corrected, or not to be shown for the time being. */
  takeText({ corrected, closed }) {
    const { sheet } = this.state;
    if (corrected?.id && corrected.id === sheet?.id) this.showDocument(corrected);
    if (!closed || closed.document !== sheet?.id || sheet.sha256 === CLOSED) return;
    const text = `This text is not shown at the moment: ${closed.why}.`;
    this.showDocument({ id: sheet.id, title: sheet.title, kind: sheet.kind, text, sha256: CLOSED });
  }

  takeQueue(message) {
    this.outbox.answered(message.re);
    this.state.study.queue = message.queue;
    this.takeCommon(message);
    this.state.tell("progress");
    if (message.order === "flagged" && !message.queue.length) this.state.say("No text is flagged; press f in one to find it here again.");
  }

  takeOther(message) {
    const posting = message.re ? this.outbox.answered(message.re) : undefined;
    this.takeText(message);
    posting?.done?.(message);
    this.state.tell("message", message);
  }

  takeDone(message) {
    if (NOT_NOW.has(message.error?.kind)) {
      this.postpone(message);
      return;
    }
    const posting = message.re ? this.outbox.answered(message.re) : undefined;
    if (message.ok) this.done(posting, message);
    else this.refused(posting, message);
  }

  /** The store takes nothing at the moment: what was asked is kept, and asked again. */
  postpone({ re, error }) {
    if (!this.outbox.postpone(re, error.kind) && re === this.hello) setTimeout(() => this.again(), SOON);
  }

  done(posting, message) {
    const sheet = this.state.sheet;
    const about = posting?.sheet ?? message.document_id ?? posting?.message.document ?? sheet?.id;
    const here = sheet && about === sheet.id;
    const before = ["undo", "redo"].includes(posting?.message.op) && sheet ? asItWas(this.state) : null;
    const elsewhere = Boolean(message.document_id && message.document_id !== sheet?.id);
    const whole = message.document && typeof message.document === "object";
    if (whole || !here) this.follow(posting, (message.codings ?? []).map((each) => (here ? sheet.inUnits(each) : each)), message.gone ?? []);
    if (whole) this.showDocument(message.document);
    else if (here && !elsewhere) this.layOver(posting, message);
    if (posting?.message.op === "next" && message.document === null) {
      this.state.say("That was the last text of this order. Well done.");
    }
    this.takeCommon(message);
    if (before) message.undone = posting.message.op === "undo";
    if (before) message.what = whatChanged(this.state, before, message);
    if (posting && sheet) this.state.held.settle(keyOf(posting, sheet));
    if (elsewhere && !whole) this.work.open(message.document_id, () => posting?.done?.(message));
    else posting?.done?.(message);
  }

  /** Codings have their ids from the store now; what is active stays so under its new id. */
  follow(posting, coming, gone) {
    const renamed = this.rename(posting, coming, gone);
    this.state.active = renamed.get(this.state.active) ?? this.state.active;
  }

  /** Codings that were made, changed or taken away. */
  layOver(posting, message) {
    const sheet = this.state.sheet;
    const touched = new Set();
    const add = (blocks) => blocks.forEach((block) => touched.add(block));
    const coming = (message.codings ?? []).filter((each) => !each.document || each.document === sheet.id)
      .map((each) => sheet.inUnits(each));
    const activeId = this.state.activeCoding()?.id;
    const renamed = this.rename(posting, coming, message.gone ?? []);
    const fresh = new Set(renamed.values());
    const settled = new Set();
    for (const [id, name] of renamed) {
      const coding = coming.find((each) => each.id === name);
      if (coding && !this.outbox.laterFor(name) && sheet.settle(id, coding)) settled.add(name);
    }
    for (const id of [...(message.gone ?? []), ...renamed.keys()]) add(sheet.drop(id));
    for (const coding of coming) {
      this.outbox.shelf.real.delete(coding.id);
      if (settled.has(coding.id)) continue;
      const later = this.outbox.laterFor(coding.id);
      if (later) later.before.set(coding.id, coding);
      const ahead = later && this.outbox.latestFor(coding.id).shown.get(coding.id);
      if (!later) add(sheet.put(coding));
      else if (ahead && fresh.has(coding.id)) add(sheet.put(ahead));
    }
    if (activeId && !sheet.codings.has(activeId)) {
      this.state.active = renamed.get(activeId) ?? null;
      this.state.tell("active", activeId);
    }
    if (message.memos) this.takeMemos(message.memos);
    if (message.memos_of) this.takeAllMemos(message.memos_of);
    if (message.left) {
      sheet.takeLeft(message.left);
      this.state.tell("left");
    }
    if (typeof message.read === "boolean") this.work.mark(sheet, { read: message.read });
    if (typeof message.flagged === "boolean") this.work.mark(sheet, { flagged: message.flagged });
    this.state.tell("codings", touched);
  }

  /** Which id of the page became which of the store's. @returns {Map<string, string>} */
  rename(posting, coming, gone) {
    const renamed = new Map();
    const sheet = this.state.sheet;
    const left = new Set(coming);
    for (const id of posting?.touches ?? []) {
      const fresh = id.startsWith("new:");
      if (!fresh && !gone.includes(id)) continue;
      const shown = posting.shown?.get(id) ?? sheet?.codings.get(id);
      const alike = [...left].filter((each) => each.code === shown?.code);
      const match = alike.find((each) => each.start === shown.start && each.end === shown.end)
        ?? (posting.touches.length === 1 && coming.length === 1 ? coming[0] : fresh ? alike[0] : null);
      if (!match || match.id === id) continue;
      left.delete(match);
      this.outbox.rename(id, match.id);
      renamed.set(id, match.id);
    }
    return renamed;
  }

  refused(posting, message) {
    const what = message.error?.message ?? "Python refused this and gave no reason.";
    this.hold(posting, what);
    const dropped = posting ? this.outbox.dropAfter(posting) : [];
    this.takeBack(posting);
    posting?.refused?.(message);
    this.state.say(what, "refused");
    this.letWait(dropped);
    this.reselect(posting?.message, message);
    this.takeCommon(message);
    if (message.document && typeof message.document === "object") this.showDocument(message.document);
  }

  /** What was not stored stands in words until it is seen. */
  hold(posting, why) {
    const { sheet, held } = this.state;
    if (!posting || !sheet || TOLD_THERE.has(posting.message.op)) return;
    const about = posting.sheet ?? posting.message.document ?? "";
    const title = this.state.study.queue?.find((each) => each.id === about)?.title || about;
    held.add({ key: keyOf(posting, sheet), why, lost: lostBy(posting, this.state), sheet: about, title });
  }

  /** What was asked for in the belief that it is done, is not done. @param {any[]} dropped  postings */
  letWait(dropped) {
    for (const each of dropped) each.refused?.({});
    if (dropped.some(({ message }) => message.op === "read" || message.op === "next")) this.state.say("Not read yet: this text stays open.");
  }

  /** What was to be coded is selected again, so that it is coded once the coder has looked again. */
  reselect(asked, { error }) {
    const { sheet } = this.state;
    const again = error?.kind === "stale" && ["code", "new_code", "memo"].includes(asked?.op);
    if (!again || asked.region || typeof asked.start !== "number" || asked.sha256 !== sheet?.sha256) return;
    this.state.selection = sheet.inUnits({ start: asked.start, end: asked.end });
  }

  /** Undo what was shown too early. */
  takeBack(posting) {
    const sheet = this.state.sheet;
    if (!posting?.touches || posting.sheet !== sheet?.id) return;
    const touched = new Set();
    for (const id of posting.touches) {
      const before = posting.before.get(id);
      const later = this.outbox.laterFor(id);
      if (later) later.before.set(id, before);
      else for (const block of before ? sheet.put(before) : sheet.drop(id)) touched.add(block);
    }
    if (this.state.active && !sheet.codings.has(this.state.active)) this.state.activate(null);
    this.state.tell("codings", touched);
  }

  takeMemos(memos) {
    const sheet = this.state.sheet;
    for (const memo of memos) {
      if (memo.code) this.state.takeCodeMemo(memo);
      if (memo.document === "") continue; // on a code alone: it stands in the code's sheet
      const known = sheet.memos.findIndex((each) => each.id === memo.id);
      if (known >= 0) sheet.memos.splice(known, 1);
      sheet.memos.push(sheet.inUnits(memo));
    }
    this.state.tell("memos");
  }

  /** The memos of the document anew: an undo takes one away. */
  takeAllMemos(memos) {
    this.state.sheet.memos = memos.map((memo) => this.state.sheet.inUnits(memo));
    this.state.tell("memos");
  }

  /** What any answer may carry. */
  takeCommon(message) {
    const { state } = this;
    state.takeCan(message.can);
    if (message.last) state.last = message.last;
    if (message.progress) state.study.progress = message.progress;
    if (message.waiting) state.study.waiting = message.waiting;
    if (message.codebook) state.takeCodebook(message.codebook);
    if (message.code_memos) state.takeCodeMemos(message.code_memos);
    if (message.elsewhere) state.elsewhere = true;
    this.takeText(message);
    state.tell("progress");
    if (message.phase_changed) {
      state.say("A phase of the study began or ended: what you see follows it.");
      this.again();
    }
    if (!message.elsewhere) return;
    state.tell("elsewhere", { refused: message.ok === false });
    const shown = message.document && typeof message.document === "object";
    if (message.type === "done" && !shown && state.sheet) this.work.open(state.sheet.id);
  }
}
