// The codings of the open text as lists: what stands and what is proposed. Long lists grow as
// they are read; a coding that is activated in the text is shown in its list.

import { counting, make, scrollWithin, shortened } from "./dom.js";
import { paintChip } from "./marks.js";
import { regionWords } from "./picture.js";
import { standing, waitingProposals } from "./sheet.js";

const PIECE = 60;

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
    this.place(elements);
    this.less.hidden = this.from === 0;
    this.less.textContent = `Show earlier (${counting(this.from, "coding")})`;
    this.more.hidden = codings.length <= this.to;
    this.more.textContent = `Show more (${counting(codings.length - this.to, "further coding")})`;
    this.mark();
  }

  /** Only what differs is moved, so that the focus stays. */
  place(elements) {
    const wanted = elements.length ? elements : [make("li.ra-none", {}, this.empty)];
    const keep = new Set(wanted);
    for (const child of [...this.items.children]) if (!keep.has(child)) child.remove();
    wanted.forEach((element, k) => {
      if (this.items.children[k] !== element) this.items.insertBefore(element, this.items.children[k] ?? null);
    });
  }

  grow(from, to) {
    this.from = Math.max(0, from);
    this.to = to;
    this.show(this.codings);
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
   * @param {{jump: (coding: any) => void, bulk: () => void}} doors
   */
  constructor(state, work, doors) {
    this.state = state;
    this.work = work;
    this.doors = doors;
    this.bulk = make("button.ra-small", { onclick: doors.bulk }, "Decide on many… ", make("kbd", {}, "b"));
    this.proposals = new GrowingList(state, "Proposals", (coding) => this.makeProposal(coding), "No proposals wait here.");
    this.proposals.heading.after(this.bulk);
    this.codings = new GrowingList(state, "Codings", (coding) => this.makeCoding(coding), "Nothing is coded yet.");
    this.memos = make("ul.ra-items", { "aria-label": "Memos" });
    this.memoList = make("div.ra-list", { hidden: true }, make("h3", {}, "Memos"), this.memos);
    this.element = make("section.ra-codings", { "aria-label": "Codings of this text" },
      this.proposals.element, this.codings.element, this.memoList);
    state.on("sheet", ({ again }) => this.mount(again));
    state.on("codings", () => this.later());
    state.on("codebook", () => this.later());
    state.on("active", () => this.showActive());
    state.on("memos", () => this.showMemos());
    this.due = false;
  }

  mount(again) {
    if (!again) for (const list of [this.proposals, this.codings]) [list.from, list.to] = [0, PIECE];
    this.show();
    this.showMemos();
    if (!again) this.element.scrollTop = 0;
  }

  /** Once a frame, after the text is drawn. */
  later() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
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
    this.codings.show(standing(sheet));
  }

  showActive() {
    this.proposals.mark();
    this.codings.mark();
    if (!this.state.active) return;
    requestAnimationFrame(() => {
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
    const memos = coding.memos ? make("span.ra-tag", {}, `✎ ${coding.memos}`) : null;
    return make("li", {}, this.makeButton(coding, whose, accepted, memos));
  }

  makeProposal(coding) {
    const score = typeof coding.score === "number" ? make("span.ra-tag", {}, coding.score.toFixed(2)) : null;
    const name = this.state.nameOf(coding.code);
    const evidence = coding.evidence ? make("p.ra-evidence", {}, String(coding.evidence)) : null;
    return make("li.ra-proposal", {}, this.makeButton(coding, score, make("span.ra-tag", {}, coding.coder)), evidence,
      make("span.ra-line", {},
        make("button.ra-small", { "aria-label": `Accept ${name}`, onclick: () => this.work.decide([coding], "accept") }, "✓ Accept"),
        make("button.ra-small", { "aria-label": `Reject ${name}`, onclick: () => this.work.decide([coding], "reject") }, "✕ Reject")));
  }

  showMemos() {
    const memos = this.state.sheet?.memos ?? [];
    this.memoList.hidden = !memos.length;
    this.memos.replaceChildren(...memos.map((memo) => make("li.ra-memo", {},
      make("span.ra-line", {}, make("span.ra-tag", {}, memo.kind),
        memo.code ? make("b", {}, this.state.nameOf(memo.code)) : null, memo.coder ? make("span.ra-tag", {}, memo.coder) : null),
      typeof memo.start === "number" && memo.end > memo.start
        ? make("button.ra-coding", { onclick: () => this.doors.jump({ id: null, ...memo }) }, make("q", {}, shortened(this.state.sheet.words(memo), 60))) : null,
      make("p", {}, memo.text))));
  }
}
