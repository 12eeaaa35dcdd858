// What was sent and has no answer yet. It lives in the page's memory, by study and coder, so that
// a view that is made again (a kernel that was restarted, a cell that was run again) sends it
// once more, in order; the ids make that harmless. Nothing is written to the browser's storage:
// a memo's words must not stay on the disk.

import { uuid } from "./dom.js";

// What names words or a part of the picture: Python does it only if these are still what was shown.
const OF_WORDS = new Set(["code", "recode", "move", "decide", "memo", "new_code", "agree", "read"]);
// What changes nothing: whether it is answered or refused, the rest means the same.
const ASKS = new Set(["open", "next", "queue", "look", "guide", "preview", "adjudicate"]);
// Milliseconds until what the store could not take is sent again; a server that is away is asked seldom.
const AGAIN = { busy: 1000, unreachable: 5000 };
const PLACE = Symbol.for("reflect_analysis.panel");

/**
 * @typedef {object} Posting
 * @property {any} message
 * @property {boolean} sent
 * @property {string} owner  the session of the view that waits for the answer
 * @property {(reply: any) => void} [done]
 * @property {(reply: any) => void} [refused]
 * @property {string[]} [touches]  ids of codings that it changes
 * @property {Map<string, any>} [before]  these codings before the change
 * @property {Map<string, any>} [shown]  these codings as the change shows them; without those it removes
 * @property {string} [sheet]  the document
 */

function shelf(key) {
  globalThis[PLACE] ??= new Map();
  const all = globalThis[PLACE];
  if (!all.has(key)) all.set(key, { postings: [], real: new Map() });
  return all.get(key);
}

export class Outbox {
  /** @param {(message: any) => void} send @param {() => void} changed */
  constructor(send, changed) {
    this.send = send;
    this.changed = changed;
    this.session = uuid();
    this.shelf = { postings: [], real: new Map() };
    this.ready = false;
    /** Why the store takes nothing at the moment. @type {""|"busy"|"unreachable"} */
    this.trouble = "";
    this.pause = 0;
  }

  /** Take the postings that an earlier view of this study and coder left. */
  moveTo(key) {
    const shared = shelf(key);
    if (shared === this.shelf) return;
    for (const posting of shared.postings) Object.assign(posting, { sent: false, owner: this.session });
    shared.postings.push(...this.shelf.postings);
    this.shelf = shared;
  }

  get waiting() {
    return this.mine().length;
  }

  /** What this view sent or took over: a second view of the same widget has its own. */
  mine() {
    return this.shelf.postings.filter((posting) => posting.owner === this.session);
  }

  /** @param {any} message @param {Partial<Posting>} [about] @returns {Posting} */
  post(message, about = {}) {
    const posting = { message: { id: uuid(), session: this.session, ...message, ...this.readIn(message) }, sent: false, owner: this.session, ...about };
    this.shelf.postings.push(posting);
    this.flush();
    this.changed();
    return posting;
  }

  /** The document and the hash of its words as the coder sees them; a dialog tells what it was opened on. */
  readIn(message) {
    const shown = this.shows?.();
    if (message.sha256 || !shown?.sha256 || !OF_WORDS.has(message.op) || message.on === false) return {};
    if (message.document === undefined ? !message.coding && !message.codings : message.document !== shown.id) return {};
    return { document: shown.id, sha256: shown.sha256 };
  }

  /** What every message tells: whose page it is, and what it shows. */
  about() {
    const shown = this.shows?.();
    const open = shown?.sha256 ? { open: [shown.id, shown.sha256] } : {};
    return { session: this.session, after: this.after?.() ?? "", ...open };
  }

  /** Send the first; the others wait, since what they mean depends on whether it is done. */
  flush() {
    if (!this.ready || this.pause) return;
    const [posting] = this.mine();
    if (!posting || posting.sent) return;
    const message = this.resolved(posting.message);
    if (!message) return;
    posting.message = message;
    posting.sent = true;
    this.send({ ...message, ...this.about() });
  }

  /** The message with real ids, or nothing while one is missing. */
  resolved(message) {
    const one = message.coding ? this.idOf(message.coding) : null;
    const many = message.codings?.map((id) => this.idOf(id));
    if (one === undefined || many?.includes(undefined)) return null;
    return { ...message, ...(one ? { coding: one } : {}), ...(many ? { codings: many } : {}) };
  }

  /** The store's id of a coding now; undefined while one that the page named has none. */
  idOf(id) {
    const { real } = this.shelf;
    let found = id;
    for (let k = 0; real.has(found) && k < 100; k += 1) found = real.get(found);
    return found.startsWith("new:") ? undefined : found;
  }

  /** What the page named has an id now. */
  name(provisional, id) {
    this.shelf.real.set(provisional, id);
  }

  /** The store takes nothing at the moment: what was asked stays first, and is sent again. @param {string} re @param {"busy"|"unreachable"} why @returns {boolean} whether it is known here */
  postpone(re, why) {
    const posting = this.mine().find((each) => each.message.id === re);
    if (!posting) return false;
    posting.sent = false;
    this.trouble = why;
    this.rest();
    this.pause = setTimeout(() => {
      this.pause = 0;
      this.flush();
    }, AGAIN[why]);
    this.changed();
    return true;
  }

  /** Send nothing again by itself. */
  rest() {
    clearTimeout(this.pause);
    this.pause = 0;
  }

  /** The line was cut: all is sent again when it stands. */
  lost() {
    this.ready = false;
    this.trouble = "";
    this.rest();
    for (const posting of this.mine()) posting.sent = false;
    this.changed();
  }

  /** The line stands. */
  found() {
    this.ready = true;
    this.flush();
    this.changed();
  }

  /** The posting that a reply answers is taken out. @returns {Posting|undefined} */
  answered(re) {
    const postings = this.shelf.postings;
    const place = postings.findIndex((posting) => posting.message.id === re && posting.owner === this.session);
    if (place < 0) return undefined;
    const [posting] = postings.splice(place, 1);
    this.trouble = "";
    this.changed();
    return posting;
  }

  /** Take out those that cannot be done any more. @param {(posting: Posting) => boolean} which */
  withdraw(which) {
    const gone = this.mine().filter(which);
    this.shelf.postings = this.shelf.postings.filter((posting) => !gone.includes(posting));
    if (gone.length) this.changed();
    return gone;
  }

  /**
   * Something was refused: what was asked for in the belief that it is done is taken out. That is
   * what changes a coding that was never made, to have read the text and to go on; and each undo and
   * redo that is about one of these, else it would take back earlier work.
   * @param {Posting} posting @returns {Posting[]}
   */
  dropAfter(posting) {
    if (ASKS.has(posting.message.op)) return [];
    const lost = new Set([posting]);
    const done = posting.message.op === "undo" ? [] : [posting];
    const undone = posting.message.op === "undo" ? [posting] : [];
    for (const each of this.mine()) {
      const { op } = each.message;
      if (op === "undo" || op === "redo") {
        const meant = (op === "undo" ? done : undone).pop(); // none: what was answered before
        (op === "undo" ? undone : done).push(meant);
        if (lost.has(meant)) lost.add(each);
        continue;
      }
      if (this.restsOn(each, posting)) lost.add(each);
      if (ASKS.has(op)) continue;
      done.push(each);
      undone.length = 0; // nothing is done again after something else was done
    }
    return this.withdraw((each) => lost.has(each));
  }

  /** Whether a posting was sent in the belief that another is done. @param {Posting} each @param {Posting} posting */
  restsOn(each, posting) {
    const { op, document } = each.message;
    if (op === "next") return true;
    const text = posting.sheet ?? posting.message.document;
    if (op === "read") return !text || document === text;
    return Boolean(each.touches?.some((id) => id.startsWith("new:") && posting.touches?.includes(id)));
  }

  /** The first posting still waiting that changes a coding. @param {string} id */
  laterFor(id) {
    return this.shelf.postings.find((posting) => posting.touches?.includes(id));
  }

  /** The last one. @param {string} id */
  latestFor(id) {
    return this.shelf.postings.findLast((posting) => posting.touches?.includes(id));
  }

  /** Postings that name a coding name it by its new id. @param {string} from @param {string} to */
  rename(from, to) {
    this.name(from, to);
    for (const posting of this.shelf.postings) {
      const place = posting.touches?.indexOf(from) ?? -1;
      if (place < 0) continue;
      posting.touches[place] = to;
      posting.before.set(to, posting.before.get(from));
      if (posting.shown.has(from)) posting.shown.set(to, { ...posting.shown.get(from), id: to });
    }
  }
}
