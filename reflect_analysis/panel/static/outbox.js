// What was sent and has no answer yet. It lives in the page's memory, by study and coder, so that
// a view that is made again (a kernel that was restarted, a cell that was run again) sends it
// once more, in order; the ids make that harmless. Nothing is written to the browser's storage:
// a memo's words must not stay on the disk.

import { uuid } from "./dom.js";

// What names words or a part of the picture: Python does it only if these are still what was shown.
const OF_WORDS = new Set(["code", "recode", "move", "decide", "memo", "new_code", "agree"]);
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
    if (message.sha256 || !shown?.sha256 || !OF_WORDS.has(message.op)) return {};
    if (message.document === undefined ? !message.coding && !message.codings : message.document !== shown.id) return {};
    return { document: shown.id, sha256: shown.sha256 };
  }

  /** What every message tells: whose page it is, and what it shows. */
  about() {
    const shown = this.shows?.();
    const open = shown?.sha256 ? { open: [shown.id, shown.sha256] } : {};
    return { session: this.session, after: this.after?.() ?? "", ...open };
  }

  /** Send what may be sent, in order; what names a coding without an id yet waits. */
  flush() {
    if (!this.ready) return;
    for (const posting of this.mine()) {
      if (posting.sent) continue;
      const message = this.resolved(posting.message);
      if (!message) return;
      posting.message = message;
      posting.sent = true;
      this.send({ ...message, ...this.about() });
    }
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

  /** The line was cut: all is sent again when it stands. */
  lost() {
    this.ready = false;
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
