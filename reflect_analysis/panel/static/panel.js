// The panel: its parts put together, and what each key does.

import { AdjudicationView } from "./adjudicate.js";
import { Bar } from "./bar.js";
import { Bulk } from "./bulk.js";
import { CodebookView } from "./codebook.js";
import { CodingsView } from "./codings.js";
import { askCode, askMemo, askNewCode, showHelp } from "./dialogs.js";
import { keepKeys, make, shortened, uuid } from "./dom.js";
import { Draft } from "./drafts.js";
import { showGuide } from "./guide.js";
import { Handles } from "./handles.js";
import { Footer, Header } from "./header.js";
import { guessTaken, listenToKeys } from "./keys.js";
import { sentenceAt, tidySpan } from "./offsets.js";
import { Work } from "./operations.js";
import { Outbox } from "./outbox.js";
import { PictureView, regionWords } from "./picture.js";
import { Replies } from "./replies.js";
import { sideOf } from "./marks.js";
import { isDecided, waitingProposals } from "./sheet.js";
import { State } from "./state.js";
import { TextView } from "./textview.js";
import { followTheme } from "./theme.js";

/**
 * @typedef {object} Line
 * @property {(message: any) => void} send
 * @property {(take: (message: any) => void, status: (connected: boolean) => void) => (() => void)} listen
 *   calls `status(true)` whenever the line stands; gives what ends the listening
 */

export class Panel {
  /** @param {HTMLElement} element @param {Line} line @param {{focus?: boolean, every?: number}} [options]  focus: go into the first text at once; every: how often to ask what others did, in milliseconds */
  constructor(element, line, { focus = false, every = 0 } = {}) {
    this.started = focus;
    this.every = every;
    this.element = element;
    this.line = line;
    this.state = new State();
    this.outbox = new Outbox((message) => line.send(message), () => this.state.tell("saving"));
    this.outbox.after = () => this.state.last;
    this.outbox.shows = () => this.state.sheet;
    this.work = new Work(this.state, this.outbox);
    this.replies = new Replies(this.state, this.outbox, this.work);
    this.replies.again = () => this.greet();
    this.build();
    this.wire();
    this.unlisten = line.listen((message) => this.replies.take(message), (on) => this.connected(on));
  }

  build() {
    const { state, work } = this;
    this.view = new TextView(state);
    this.handles = new Handles(state, this.view, work);
    this.header = new Header(state, work, this.outbox, { help: () => this.help(), compare: () => this.compare(), leave: () => this.goBack() });
    this.view.paper.prepend(this.header.front);
    this.bar = new Bar(state, work, {
      change: () => this.changeCode(), memo: () => this.memo(), decide: (action) => this.decide(action),
      region: () => this.picture.begin(), leave: () => this.goBack(),
    });
    this.footer = new Footer(state, work, this.bar.notice);
    this.codebook = new CodebookView(state, {
      choose: (code, more) => this.choose(code, more), leave: () => this.back(),
      newCode: () => this.newCode(), edit: (code) => this.editCode(code), memo: (code) => this.memoOnCode(code), change: (memo, leave) => this.changeMemo(memo, leave), remove: (memo) => work.removeMemo(memo),
      settle: (message, words) => work.changeCodebook(message, words), goOn: () => this.goBack(),
    });
    this.codings = new CodingsView(state, work, { jump: (coding) => this.jump(coding), change: (memo, leave) => this.changeMemo(memo, leave), bulk: () => this.bulk.open(this.root), leave: () => this.view.focus() });
    this.bulk = new Bulk(state, this.outbox, () => this.view.focus());
    this.picture = new PictureView(state, {
      search: () => { this.inPicture = true; this.codebook.open(); }, move: (coding, region) => work.moveRegion(coding, region),
    });
    this.adjudication = new AdjudicationView(state, this.outbox, { leave: () => this.view.focus() });
    this.root = make("div.ra-panel", { role: "group", "aria-label": "Coding panel" },
      this.header.element,
      make("div.ra-columns", {},
        make("div.ra-middle", { role: "group", "aria-label": "What is coded" }, this.picture.element, this.view.element, this.bar.element, this.footer.element),
        make("div.ra-side", {}, this.codebook.element, this.codings.element)),
      this.adjudication.element);
    keepKeys(this.root);
    this.element.append(this.root);
    this.unfollow = followTheme(this.root);
  }

  wire() {
    const { state } = this;
    state.on("caret", (offset) => this.caretAt(offset));
    state.on("sheet", ({ again }) => { if (!again && this.started) this.view.focus(); this.started = true; });
    const act = (name) => (event) => this[name](event);
    const back = () => this.work.undo();
    const forth = () => this.work.redo();
    const edge = (which, by) => () => this.edge(which, by);
    listenToKeys(this.root, {
      a: () => this.decide("accept"), x: () => this.decide("reject"), " ": () => this.work.next(),
      Enter: () => this.work.finish(), u: () => this.work.unread(), f: () => this.work.flag(!state.sheet.flagged),
      Backspace: back, "ctrl+z": back, "ctrl+y": forth, "ctrl+shift+z": forth,
      "/": () => this.codebook.open(), c: act("changeCode"), m: act("memo"), n: act("newCode"),
      h: act("help"), "?": act("help"), i: act("explain"), s: act("selectSentence"), l: act("toList"),
      j: () => this.step(1), k: () => this.step(-1), p: act("nextProposal"), Delete: act("remove"),
      r: () => this.picture.begin(), b: () => this.bulk.open(this.root), v: act("compare"),
      "[": edge("start", -1), "{": edge("start", 1), "]": edge("end", 1), "}": edge("end", -1), Escape: act("letGo"),
    }, (key) => this.byKey(key), () => this.view.takeSelection(), (key, sign) => this.keyPrints(key, sign));
    guessTaken().then((keys) => { for (const key of keys) state.takeKey(key, true); });
    let before = null;
    this.view.body.addEventListener("mousedown", () => { before = state.active; });
    this.view.body.addEventListener("click", () => this.clicked(before));
    this.onSeen = () => this.look();
    document.addEventListener("visibilitychange", this.onSeen);
    addEventListener("focus", this.onSeen);
    if (this.every) this.asking = setInterval(this.onSeen, this.every);
  }

  /** Ask whether the text was corrected meanwhile; whatever else is sent asks so too. */
  look() {
    if (document.hidden || !this.state.connected || !this.outbox.ready || this.outbox.waiting || !this.state.sheet) return;
    this.line.send({ op: "look", id: uuid(), ...this.outbox.about() });
  }

  // ── the line ──

  connected(on) {
    this.state.connected = on;
    if (!on) {
      this.outbox.lost();
      return;
    }
    this.greet();
  }

  /** Ask for the study; what has no answer is sent again once it is here. */
  greet() {
    this.outbox.lost();
    this.replies.recall(this.outbox.withdraw((posting) => ["open", "next", "queue"].includes(posting.message.op)));
    this.replies.hello = uuid();
    this.line.send({ op: "hello", id: this.replies.hello, session: this.outbox.session, after: this.state.last });
  }

  close() {
    this.unlisten?.();
    document.removeEventListener("visibilitychange", this.onSeen);
    removeEventListener("focus", this.onSeen);
    clearInterval(this.asking);
    this.outbox.rest();
    this.view.close();
    this.handles.close();
    this.unfollow();
    this.root.remove();
  }

  // ── codes ──

  byKey(key) {
    const code = this.state.keys.get(key);
    if (!code) return false;
    this.choose(code.id, false);
    return true;
  }

  /** What a code's key prints on this keyboard. @param {string} key @param {string} sign  of the panel's own, or nothing */
  keyPrints(key, sign) {
    const name = this.state.takeKey(key, Boolean(sign));
    if (name && sign) this.state.say(`On your keyboard this key prints ${sign}, which does something else here. ${name} has no key then; search it with /.`);
  }

  /** Give a code: to the selected words, else to those of the active coding. */
  choose(code, more) {
    const { state, work } = this;
    if (!state.sheet) return;
    this.picture.keep();
    const coding = state.activeCoding();
    const { selection } = state;
    const changing = this.changing;
    this.changing = null;
    if (changing && changing === state.active && coding) work.recode(coding, code);
    else if (state.region) {
      work.codeRegion(state.region, [code]);
      if (!more) state.choose(null);
    } else if (selection) {
      work.code(selection, [code]);
      if (more) return;
      this.view.clearSelection(tidySpan(state.sheet.text, selection.start, selection.end)[1]);
    } else if (coding?.region) work.codeRegion(coding.region, [code]);
    else if (coding?.layer === "proposed" && coding.status === "current") work.recode(coding, code);
    else if (coding) work.code(coding, [code]);
    else state.say("Select some words first, or press s for the sentence.", "refused");
  }

  changeCode() {
    const coding = this.state.activeCoding();
    if (!coding) return this.state.say("Go to a coding first: click it, or press j.", "refused");
    this.changing = coding.id;
    this.inPicture = Boolean(coding.region);
    this.codebook.open();
    return this.state.say(`Another code instead of ${this.state.nameOf(coding.code)}: type a part of its name, then Enter.`);
  }

  explain() {
    const coding = this.state.activeCoding();
    const code = this.state.codes.get(coding?.code ?? this.codebook.at);
    if (code) this.codebook.explain(code, this.codebook.detail.hidden);
  }

  /** What a memo or a new code is about: a rectangle, words that are selected, or the active coding's. */
  aim() {
    const { state } = this;
    this.picture.keep();
    if (state.region) return { region: [...state.region] };
    if (state.selection) return { ...state.selection };
    const coding = state.activeCoding();
    if (!coding) return null;
    return coding.region ? { region: coding.region, code: coding.code } : { start: coding.start, end: coding.end, code: coding.code };
  }

  newCode() {
    const { state } = this;
    if (!state.sheet || !state.may("new_code")) return state.say("You may not make codes here.", "refused");
    return this.askNew(state.sheet, this.aim());
  }

  /** Ask for a code; one that is refused is asked for again, with what was typed. */
  async askNew(sheet, place, why = "") {
    const { state } = this;
    const draft = new Draft(state, "code", sheet.id, aimOf(place));
    const words = place && !place.region ? sheet.words(place).replace(/\s+/g, " ").trim() : "";
    const part = place?.region ? regionWords(place.region, sheet.picture) : "";
    const code = await askNewCode(this.root, words, Boolean(state.study.blind), { draft, why, part });
    if (code) {
      this.work.newCode({ ...code, ...(place ? { sha256: sheet.sha256 } : {}) }, place, {
        done: (reply) => {
          draft.put(null);
          state.say(reply.waits ? `Noted for the meeting: ${code.name}. It is on the list under the codebook.` : `New code: ${code.name}${place ? ", given to what was chosen" : ""}.`);
        },
        refused: (reply) => this.again(sheet, () => this.askNew(state.sheet, place, reply.error?.message)),
      });
      if (state.selection && place) this.view.clearSelection(place.end);
      if (place?.region) state.choose(null);
    }
    return part ? this.picture.focus() : this.view.focus();
  }

  /** Ask again for what was refused, unless the coder is elsewhere by now: then the draft waits. */
  again(sheet, ask) {
    const same = sheet?.id === this.state.sheet?.id && sheet?.sha256 === this.state.sheet?.sha256;
    if (same && !this.root.querySelector("dialog[open]")) setTimeout(ask);
  }

  async editCode(code) {
    const draft = new Draft(this.state, "edit", code.id);
    const messages = await askCode(this.root, code, this.state.study.codebook, { draft });
    let left = messages?.length ?? 0;
    const done = () => {
      left -= 1;
      if (!left) draft.put(null);
    };
    for (const message of messages ?? []) this.work.changeCodebook(message, "The codebook is changed.", done);
    if (messages && !messages.length) draft.put(null);
    this.view.focus();
  }

  /** A memo on a code itself; in a blind phase too, since only its writer sees it then. */
  async memoOnCode(code) {
    const known = (this.state.study.memos ?? []).filter((memo) => memo.code === code.id);
    const draft = new Draft(this.state, "memo", code.id);
    const memo = await askMemo(this.root, `the code ${code.name}`, known, { draft });
    if (memo) this.work.memo({ ...memo, code: code.id }, `Kept: a memo on ${code.name}.`, { done: () => draft.put(null) });
    this.codebook.explainAgain(code.id);
  }

  /** Other words for a memo of one's own. @param {any} memo @param {() => void} leave  gives the focus back */
  async changeMemo(memo, leave, why = "") {
    const draft = new Draft(this.state, "change", memo.id);
    const next = await askMemo(this.root, "what you noted", [], { draft, why }, memo);
    const same = next && next.text === memo.text.trim() && next.kind === memo.kind;
    if (same) draft.put(null);
    else if (next) {
      this.work.editMemo(memo, next, {
        done: () => draft.put(null), refused: (reply) => this.again(this.state.sheet, () => this.changeMemo(memo, leave, reply.error?.message)),
      });
    }
    leave();
  }

  // ── codings ──

  caretAt(offset) {
    const { sheet } = this.state;
    if (!sheet) return;
    const here = sheet.at(offset);
    this.bar.hear(here);
    if (here.some((each) => each.id === this.state.active)) return;
    this.state.activate(here[0]?.id ?? null);
  }

  /** A further click on words with several codings goes to the next of them. */
  clicked(before) {
    this.view.takeSelection();
    const { sheet, selection, caret } = this.state;
    if (!sheet || selection) return;
    const here = sheet.at(caret);
    const place = here.findIndex((each) => each.id === before);
    if (place >= 0) this.state.activate(here[(place + 1) % here.length].id);
    else if (here.length && !here.some((each) => each.id === this.state.active)) this.state.activate(here[0].id);
  }

  jump(coding) {
    if (coding.region) {
      this.state.choose(null);
      this.picture.focus();
      if (!coding.id) this.state.choose([...coding.region]);
      return this.state.activate(coding.id);
    }
    this.state.select(null);
    this.state.caret = coding.start;
    this.view.reveal(coding.start, coding.end);
    this.view.focus();
    this.state.activate(coding.id);
    return undefined;
  }

  /** To the next or previous coding of the text. */
  step(by, codings = this.state.sheet?.inOrder().filter((each) => sideOf(each) || (each.region && each.status !== "rejected"))) {
    if (!codings?.length) return this.state.say("There is no coding here.");
    const place = codings.findIndex((each) => each.id === this.state.active);
    const { caret } = this.state;
    let next = place + by;
    if (place < 0) next = by > 0 ? codings.findIndex((each) => each.start >= caret) : codings.findLastIndex((each) => each.start < caret);
    if (next < 0 || next >= codings.length) next = by > 0 ? 0 : codings.length - 1;
    const coding = codings[next];
    this.jump(coding);
    const what = coding.layer === "proposed" && coding.status === "current" ? `, proposed${coding.evidence ? ` because ${coding.evidence}` : ""}` : "";
    return this.state.say(`${this.state.nameOf(coding.code)}${what}: ${coding.region ? regionWords(coding.region, this.state.sheet.picture) : shortened(this.state.sheet.words(coding), 120)}`);
  }

  nextProposal() {
    const waiting = waitingProposals(this.state.sheet);
    if (!waiting.length) return this.state.say("No proposal waits in this text.");
    return this.step(1, waiting);
  }

  decide(action) {
    const { state } = this;
    const coding = state.activeCoding();
    const waiting = waitingProposals(state.sheet);
    if (action === "reject" && isDecided(coding)) return this.work.decide([coding], "reopen");
    if (coding?.layer !== "proposed" || coding.status !== "current") {
      if (!waiting.length) return state.say("No proposal waits in this text.");
      return this.step(1, waiting);
    }
    const place = waiting.indexOf(coding);
    this.work.decide([coding], action);
    const next = waiting[place + 1] ?? waiting[0];
    if (next !== coding) this.jump(next);
    else state.activate(null);
    return undefined;
  }

  edge(which, by) {
    const coding = this.state.activeCoding();
    if (coding?.region) return this.state.say("A part of the picture is moved and sized with r.", "refused");
    if (!coding) return this.state.say("Go to a coding first: click it, or press j.", "refused");
    return this.work.nudge(coding, which, by);
  }

  remove() {
    const coding = this.state.activeCoding();
    if (!coding) return this.state.say("Go to a coding first: click it, or press j.", "refused");
    if (isDecided(coding)) return this.work.decide([coding], "reopen");
    if (coding.layer !== "own") return this.state.say("Only your own codings can be removed; a proposal is rejected with x.", "refused");
    return this.work.remove(coding);
  }

  memo() {
    const { sheet } = this.state;
    if (sheet) this.askMemo(sheet, this.aim() ?? {});
  }

  /** A memo on a place of the text, a part of the picture, or the whole; asked for again if it is refused. */
  async askMemo(sheet, place, why = "") {
    const { state } = this;
    const { region, start } = place;
    const about = region ? `this ${regionWords(region, sheet.picture)}` : start === undefined ? "this text" : `“${shortened(sheet.words(place), 50)}”`;
    const known = memosOn(sheet, place, state.activeCoding());
    const draft = new Draft(this.state, "memo", sheet.id, aimOf(place), place.code ?? "");
    const memo = await askMemo(this.root, about, known, { draft, why });
    if (memo) {
      this.work.memo({ ...memo, document: sheet.id, sha256: sheet.sha256, ...place }, "The memo is kept.", {
        done: () => draft.put(null),
        refused: (reply) => this.again(sheet, () => this.askMemo(this.state.sheet, place, reply.error?.message)),
      });
    }
    if (region) this.picture.focus();
    else this.view.focus();
  }

  // ── the text ──

  /** The sentence at the caret; where it is selected already, the paragraph. */
  selectSentence() {
    const { sheet, selection, caret } = this.state;
    if (!sheet?.blocks.length) return;
    const block = selection ? sheet.blockAt(selection.start) : sheet.blockOfCaret(caret);
    let [start, end] = sentenceAt(sheet.text, selection ? selection.start : caret, block.start, block.end);
    if (selection && start >= selection.start && end <= selection.end) [start, end] = tidySpan(sheet.text, block.start, block.end);
    this.state.select({ start, end });
    this.view.focus();
    this.view.reveal(start, end);
  }

  toList() {
    const inside = this.codings.element.contains(this.root.getRootNode().activeElement);
    if (inside) return this.view.focus();
    const first = this.state.active ?? this.codings.codings.codings[0]?.id;
    return first ? this.codings.focusOn(first) : this.state.say("Nothing is coded yet.");
  }

  /** From the codebook back to where one was: the picture or the text. */
  back() {
    if (this.inPicture) this.picture.focus();
    else this.view.focus();
    this.inPicture = false;
  }

  /** Back to work once a button is gone that had the focus. */
  goBack() {
    if (this.adjudication.element.hidden) this.back();
    else this.adjudication.table.focus();
  }

  compare() {
    if (this.adjudication.element.hidden) this.adjudication.open();
  }

  letGo() {
    this.changing = null;
    this.state.choose(null);
    if (this.state.selection) this.view.clearSelection(this.state.caret);
    this.state.activate(null);
    this.view.focus();
  }

  guide() {
    this.outbox.post({ op: "guide" }, { done: (reply) => showGuide(this.root, reply.text).then(() => this.view.focus()) });
  }

  async help() {
    let next = () => this.view.focus();
    await showHelp(this.root, () => { next = () => this.guide(); });
    next();
  }
}

/** What was noted on a place before; of the active coding also what was on it before it was changed. */
function memosOn(sheet, place, coding) {
  const here = JSON.stringify(aimOf(place));
  const noted = place.code && coding?.code === place.code ? coding.noted : null;
  return sheet.memos.filter((memo) => (noted ? noted.includes(memo.id) : JSON.stringify(aimOf(memo)) === here));
}

/** Of what something is, to compare and to keep by: a rectangle, a span, or the whole text. */
function aimOf(place) {
  if (place?.region) return place.region;
  return typeof place?.start === "number" ? [place.start, place.end] : [];
}
