// The codings of the open text as lists: what stands and what is proposed. Long lists grow as
// they are read; a coding that is activated in the text is shown in its list.

import { afterPaint, arrange, counting, make, renew, scrollWithin, shortened } from "./dom.js";
import { paintChip } from "./marks.js";
import { regionWords } from "./picture.js";
import { rejectedProposals, standing, waitingProposals } from "./sheet.js";

const PIECE = 60;

/**
 * Buttons to change and remove a memo: for who wrote it alone.
 * @param {any} memo @param {import("./state.js").State} state @param {{change: (leave: () => void) => void, remove: () => void, leave: () => void}} doors
 */
export function memoActs(memo, state, doors) {
  if (memo.coder !== state.study.coder) return null;
  const begins = shortened(memo.text, 40);
  const change = make("button.ra-small", { "aria-label": `Change the memo “${begins}”`, onclick: () => doors.change(() => (change.isConnected ? change.focus() : doors.leave())) }, "Change");
  return make("span.ra-line", {}, change,
    make("button.ra-small", { "aria-label": `Remove the memo “${begins}”`, onclick: doors.remove }, "Remove"));
}

/** Whether what was made on an earlier wording can be made again as it was. */
function mayTakeUp(each) {
  return !each.gone && !each.retired;
}

/** One list that shows a part of what it has and grows at both ends. */
class GrowingList {
  constructor(state, title, makeItem, empty) {
    this.state = state;
    this.makeItem = makeItem;
    this.name = title;
    this.empty = empty;
    this.codings = [];
    this.from = 0;
    this.to = PIECE;
    this.heading = make("h3", {}, title);
    this.items = make("ul.ra-items", { "aria-label": title });
    this.less = make("button.ra-quiet", { hidden: true, onclick: () => this.grow(this.from - PIECE * 2, this.to) });
    this.more = make("button.ra-quiet", { hidden: true, onclick: () => this.grow(this.from, this.to + PIECE * 2) });
    this.element = make("div.ra-list", {}, this.heading, this.less, this.items, this.more);
    this.byId = new Map();
  }

  show(codings) {
    this.codings = codings;
    this.heading.textContent = codings.length ? `${this.name} · ${codings.length.toLocaleString("en-GB")}` : this.name;
    const part = codings.slice(this.from, this.to);
    const kept = new Map();
    const elements = part.map((coding) => {
      const known = this.byId.get(coding.id);
      const same = known && known.coding === coding && known.codes === this.state.codes;
      const entry = same ? known : { coding, codes: this.state.codes, element: this.makeItem(coding) };
      kept.set(coding.id, entry);
      return entry.element;
    });
    this.byId = kept;
    arrange(this.items, elements.length ? elements : [make("li.ra-none", {}, this.empty)]);
    this.less.hidden = this.from === 0;
    this.less.textContent = `Show earlier (${counting(this.from, "coding")})`;
    this.more.hidden = codings.length <= this.to;
    this.more.textContent = `Show more (${counting(codings.length - this.to, "further coding")})`;
    this.mark();
  }

  grow(from, to) {
    const held = [this.less, this.more].indexOf(this.element.getRootNode().activeElement);
    this.from = Math.max(0, from);
    this.to = to;
    this.show(this.codings);
    const gone = held >= 0 && [this.less, this.more][held].hidden;
    if (gone) this.items.querySelectorAll(".ra-coding")[held ? this.items.children.length - 1 : 0]?.focus();
  }

  mark() {
    for (const [id, { element }] of this.byId) {
      const on = id === this.state.active;
      element.classList.toggle("ra-current", on);
      if (on) element.firstChild.setAttribute("aria-current", "true");
      else element.firstChild.removeAttribute("aria-current");
    }
  }

  /** Show a coding's entry in the list. @param {string} id @param {HTMLElement} list that scrolls */
  reveal(id, list) {
    const place = this.codings.findIndex((each) => each.id === id);
    if (place < 0) return null;
    if (place < this.from || place >= this.to) this.grow(place - PIECE / 3, place + PIECE);
    this.mark();
    const element = this.byId.get(id)?.element;
    if (element) scrollWithin(list, element);
    return element;
  }
}

export class CodingsView {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./operations.js").Work} work
   * @param {{jump: (coding: any) => void, bulk: () => void, leave: () => void}} doors
   */
  constructor(state, work, doors) {
    this.state = state;
    this.work = work;
    this.doors = doors;
    this.bulk = make("button.ra-small", { onclick: doors.bulk }, "Decide on many… ", make("kbd", {}, "b"));
    this.proposals = new GrowingList(state, "Proposals", (coding) => this.makeProposal(coding), "No proposals wait here.");
    this.proposals.heading.after(this.bulk);
    this.rejected = new GrowingList(state, "Rejected", (coding) => this.makeRejected(coding), "Nothing is rejected here.");
    this.withRejected = make("input", { type: "checkbox", onchange: () => this.showRejected() });
    this.ofRejected = make("span", {});
    this.rejectedLine = make("label.ra-line.ra-rest", { hidden: true }, this.withRejected, this.ofRejected);
    this.codings = new GrowingList(state, "Codings", (coding) => this.makeCoding(coding), "Nothing is coded yet.");
    this.memos = make("ul.ra-items", { "aria-label": "Memos" });
    this.memoList = make("div.ra-list", { hidden: true }, make("h3", {}, "Memos"), this.memos);
    this.left = make("div.ra-list.ra-left", { hidden: true });
    this.element = make("section.ra-codings", { "aria-label": "Codings of this text" },
      this.left, this.proposals.element, this.rejectedLine, this.rejected.element, this.codings.element, this.memoList);
    state.on("sheet", ({ again }) => this.mount(again));
    state.on("codings", () => this.later());
    state.on("codebook", () => this.later());
    state.on("active", () => this.showActive());
    state.on("memos", () => this.showMemos());
    state.on("left", () => this.showLeft());
    state.on("codebook", () => this.showLeft());
    this.due = false;
    this.placed = new Map();
    this.taking = new Set(); // what is being made again and has no answer yet
  }

  mount(again) {
    if (!again) for (const list of [this.proposals, this.rejected, this.codings]) [list.from, list.to] = [0, PIECE];
    this.show();
    this.showMemos();
    this.showLeft();
    if (!again) this.element.scrollTop = 0;
  }

  /** Once a frame, after the text is painted: the list must not keep a key waiting. */
  later() {
    if (this.due) return;
    this.due = true;
    afterPaint(() => {
      this.due = false;
      this.show();
    });
  }

  show() {
    const { sheet } = this.state;
    if (!sheet) return;
    const waiting = waitingProposals(sheet);
    this.proposals.element.hidden = !waiting.length && !this.proposals.codings.length;
    this.proposals.show(waiting);
    this.showRejected();
    this.codings.show(standing(sheet));
    const now = this.memosPlaced();
    if ([...now, ...this.placed].some(([id]) => now.get(id) !== this.placed.get(id))) this.showMemos();
  }

  /** What the coder made on an earlier wording of the text, to be made again where its words are there. */
  showLeft() {
    const { sheet } = this.state;
    if (!sheet) return;
    const { own, others } = sheet.left;
    this.left.hidden = !own.length && !others.length;
    const there = own.filter((each) => mayTakeUp(each) && !this.taking.has(each.id));
    const all = there.length > 1 ? make("button.ra-small", { onclick: () => this.takeUp(there) }, `Make all ${there.length} again`) : null;
    const told = others.map(([who, n]) => `${who} ${n}`).join(", ");
    renew(this.left, [
      make("h3", {}, own.length ? `On the earlier wording · ${own.length}` : "On the earlier wording"),
      make("p.ra-rest", {}, own.length ? "This text was corrected since. What you had made on its earlier wording counts no more; what you make again counts." : `This text was corrected since. Nothing of yours is left there.`),
      all, own.length ? make("ul.ra-items", { "aria-label": "On the earlier wording" }, ...own.map((each) => this.makeLeft(each))) : null,
      told ? make("p.ra-rest", {}, `Of others: ${told}.`) : null,
    ].filter(Boolean), this.doors.leave);
  }

  makeLeft(each) {
    const { sheet } = this.state;
    const name = each.code ? this.state.nameOf(each.code) : "";
    const chip = make("span.ra-chip", { "aria-hidden": "true" });
    if (each.code) paintChip(chip, this.state.codes.get(each.code));
    const placed = typeof each.start === "number" && each.end > each.start;
    const words = each.region ? regionWords(each.region, sheet.picture) : placed ? shortened(sheet.words(each)) : "";
    const what = each.kind === "coding" ? name : `${each.kind === "waiting" ? "a code that waits" : `${each.kind} memo`}`;
    const why = each.gone ? "Its words were changed: read them again." : each.retired ? "This code is given no more." : "";
    // It keeps the focus while it waits, so it is not disabled: takeUp passes over what waits already.
    const again = mayTakeUp(each) ? make("button.ra-small", { "aria-label": `Make again: ${what}${words ? ` on ${words}` : ""}`, "aria-disabled": this.taking.has(each.id) && "true", onclick: () => this.takeUp([each]) }, "Make again") : null;
    return make("li.ra-memo", {}, make("span.ra-line", {}, each.code ? chip : null, name ? make("b", {}, name) : null,
      each.kind === "coding" ? null : make("span.ra-tag", {}, what)),
    words ? make("button.ra-coding", { onclick: () => this.doors.jump({ ...each, id: null }) }, make("q", {}, words)) : null,
    each.text ? make("p", {}, each.text) : null, why ? make("p.ra-rest", {}, why) : null, again);
  }

  /** Make again what is not on its way yet. */
  takeUp(asked) {
    const { sheet } = this.state;
    const wanted = asked.filter((each) => !this.taking.has(each.id));
    if (!wanted.length) return;
    const answered = () => {
      for (const each of wanted) this.taking.delete(each.id);
      this.showLeft();
    };
    const codings = wanted.filter((each) => each.kind === "coding").length;
    const parts = [codings ? counting(codings, "coding") : "", wanted.length - codings ? counting(wanted.length - codings, "memo") : ""];
    this.work.outbox.post({ op: "take_up", document: sheet.id, sha256: sheet.sha256, left: wanted.map((each) => each.id) }, {
      done: () => {
        answered();
        this.state.say(`Made again: ${parts.filter(Boolean).join(" and ")}. Ctrl+Z takes it back.`);
      },
      refused: answered,
    });
    for (const each of wanted) this.taking.add(each.id);
    this.showLeft();
  }

  /** What was rejected, where one asks for it. */
  showRejected() {
    const rejected = rejectedProposals(this.state.sheet);
    const words = `Show ${counting(rejected.length, "rejected proposal")}`;
    if (this.ofRejected.textContent !== words) this.ofRejected.textContent = words;
    this.rejectedLine.hidden = !rejected.length;
    const on = this.withRejected.checked && rejected.length > 0;
    this.rejected.element.hidden = !on;
    if (on) this.rejected.show(rejected);
  }

  showActive() {
    for (const list of [this.proposals, this.rejected, this.codings]) list.mark();
    if (!this.state.active || this.revealing) return;
    this.revealing = true;
    afterPaint(() => {
      this.revealing = false;
      if (!this.state.active || !this.proposals.reveal(this.state.active, this.element)) {
        this.codings.reveal(this.state.active ?? "", this.element);
      }
    });
  }

  /** Focus on the list's entry of a coding. */
  focusOn(id) {
    const element = this.proposals.reveal(id, this.element) ?? this.codings.reveal(id, this.element);
    element?.firstChild.focus();
  }

  makeButton(coding, ...rest) {
    const code = this.state.codes.get(coding.code);
    const chip = make("span.ra-chip", { "aria-hidden": "true" });
    paintChip(chip, code);
    const words = coding.region ? regionWords(coding.region, this.state.sheet.picture) : shortened(this.state.sheet.words(coding));
    return make("button.ra-coding", { onclick: () => this.doors.jump(coding), "data-id": coding.id },
      make("span.ra-line", {}, chip, make("b", {}, this.state.nameOf(coding.code)), ...rest),
      make("q", {}, words));
  }

  makeCoding(coding) {
    const whose = coding.coder !== this.state.study.coder || coding.layer === "agreed"
      ? make("span.ra-tag", {}, coding.layer === "agreed" ? "agreed" : coding.coder) : null;
    const accepted = coding.status === "accepted" ? make("span.ra-tag", {}, "accepted") : null;
    const memos = coding.memos ? make("span.ra-tag", {}, counting(coding.memos, "memo")) : null;
    return make("li", {}, this.makeButton(coding, whose, accepted, memos));
  }

  makeProposal(coding) {
    const score = typeof coding.score === "number" ? make("span.ra-tag", {}, `score ${coding.score.toFixed(2)}`) : null;
    const name = this.state.nameOf(coding.code);
    const evidence = coding.evidence ? make("p.ra-evidence", {}, String(coding.evidence)) : null;
    return make("li.ra-proposal", {}, this.makeButton(coding, score, make("span.ra-tag", {}, coding.coder)), evidence,
      make("span.ra-line", {},
        make("button.ra-small", { "aria-label": `Accept ${name}`, "data-act": "accept", onclick: () => this.decide(coding, "accept") }, "✓ Accept"),
        make("button.ra-small", { "aria-label": `Reject ${name}`, "data-act": "reject", onclick: () => this.decide(coding, "reject") }, "✕ Reject")));
  }

  makeRejected(coding) {
    const name = this.state.nameOf(coding.code);
    return make("li.ra-proposal", {}, this.makeButton(coding, make("span.ra-tag", {}, coding.coder)),
      make("span.ra-line", {}, make("button.ra-small", {
        "aria-label": `Take back the rejection of ${name}`, "data-act": "reopen", onclick: () => this.reopen(coding),
      }, "↶ Take back")));
  }

  /** It waits again; the focus goes to the next that was rejected, or to the text. */
  reopen(coding) {
    const { codings } = this.rejected;
    const place = codings.findIndex((each) => each.id === coding.id);
    const next = codings[place + 1] ?? codings[place - 1];
    this.work.decide([coding], "reopen");
    this.show();
    if (!next) return this.doors.leave();
    return this.rejected.reveal(next.id, this.element)?.querySelector("[data-act]").focus();
  }

  /** Decide in the list; the focus goes on to the same button of the next proposal, or to the text. */
  decide(coding, action) {
    const { codings } = this.proposals;
    const place = codings.findIndex((each) => each.id === coding.id);
    const next = codings[place + 1] ?? codings[place - 1];
    this.work.decide([coding], action);
    this.show();
    if (!next) return this.doors.leave();
    const element = this.proposals.reveal(next.id, this.element);
    return element?.querySelector(`[data-act="${action}"]`).focus();
  }

  showMemos() {
    const memos = this.state.sheet?.memos ?? [];
    this.memoList.hidden = !memos.length;
    this.placed = this.memosPlaced();
    renew(this.memos, memos.map((memo) => this.makeMemo(memo, this.placed.get(memo.id) ?? { ...memo, id: null })), this.doors.leave);
  }

  /** The coding that a memo is on, where it was moved or given another code since. */
  memosPlaced() {
    const placed = new Map();
    const { sheet } = this.state;
    for (const coding of sheet?.memos.length ? sheet.codings.values() : []) {
      for (const id of coding.noted ?? []) {
        const memo = sheet.memos.find((each) => each.id === id);
        const same = memo && (memo.region ? String(memo.region) === String(coding.region) : memo.start === coding.start && memo.end === coding.end);
        if (same) placed.set(id, null);
        else if (memo && !placed.has(id)) placed.set(id, coding);
      }
    }
    return placed;
  }

  makeMemo(memo, at) {
    const { sheet } = this.state;
    const words = at.region ? regionWords(at.region, sheet.picture)
      : typeof at.start === "number" && at.end > at.start ? shortened(sheet.words(at), 60) : "";
    const code = at.id ? at.code : memo.code;
    return make("li.ra-memo", {},
      make("span.ra-line", {}, make("span.ra-tag", {}, memo.kind),
        code ? make("b", {}, this.state.nameOf(code)) : null, memo.coder ? make("span.ra-tag", {}, memo.coder) : null),
      words ? make("button.ra-coding", { onclick: () => this.doors.jump(at) }, make("q", {}, words)) : null,
      make("p", {}, memo.text), memoActs(memo, this.state, {
        change: (leave) => this.doors.change(memo, leave), remove: () => this.work.removeMemo(memo), leave: this.doors.leave,
      }));
  }
}
