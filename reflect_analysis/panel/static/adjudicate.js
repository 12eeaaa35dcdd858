// Adjudication: what two or more coders said of a text and its picture, side by side, and what is
// agreed. The agreed coding is a coder of its own, with a reason; nobody's own coding is changed.

import { freshId, gathered, make, shortened } from "./dom.js";
import { paintChip } from "./marks.js";
import { Draft } from "./drafts.js";
import { movedByWord, offsetMap, tidySpan } from "./offsets.js";
import { codeKey, isWriting, printsThird, takesLetters } from "./keys.js";
import { regionWords } from "./picture.js";
import { backWords } from "./telling.js";

const AROUND = 160; // letters of the text before and after the passage
const EDGES = { "[": ["start", -1], "{": ["start", 1], "]": ["end", 1], "}": ["end", -1] };

export class AdjudicationView {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./outbox.js").Outbox} outbox
   * @param {{leave: () => void}} doors
   */
  constructor(state, outbox, doors) {
    this.state = state;
    this.outbox = outbox;
    this.doors = doors;
    this.rows = [];
    this.place = -1;
    this.chosen = new Set();
    this.build();
    state.on("message", (message) => { if (message.type === "layers") this.show(message); });
    state.on("notice", ({ text, how }) => {
      if (this.element.hidden) return;
      this.told.dataset.how = how;
      this.told.textContent = text;
    });
    state.on("sheet", () => { if (!this.element.hidden) this.ask(); });
    this.later = gathered(() => { if (!this.element.hidden) this.ask(); });
    state.on("codings", () => this.later()); // what was agreed, or an undo
    state.on("study", () => { if (!this.element.hidden && state.study.blind) this.close(); });
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  build() {
    const title = freshId("layers");
    this.summary = make("p.ra-count", { role: "status" });
    this.only = make("input", { type: "checkbox", checked: true, onchange: () => this.list() });
    this.head = make("tr");
    this.body = make("tbody");
    this.table = make("div.ra-layers", { tabindex: "0", role: "region", "aria-label": "Coders side by side" },
      make("table", {}, make("thead", {}, this.head), this.body));
    this.told = make("p.ra-told", { role: "status" });
    this.detail = make("div.ra-agree", { role: "group", "aria-label": "What is agreed" });
    this.element = make("section.ra-adjudication", { hidden: true, "aria-labelledby": title },
      make("div.ra-line", {}, make("h3", { id: title }, "Compare coders"), this.summary, make("span.ra-space"),
        make("label.ra-line", {}, this.only, "only where they differ"),
        make("button.ra-quiet", { onclick: () => this.step(-1) }, "Previous ", make("kbd", { "aria-hidden": "true" }, "k")),
        make("button.ra-quiet", { onclick: () => this.step(1) }, "Next ", make("kbd", { "aria-hidden": "true" }, "j")),
        make("button.ra-quiet", { onclick: () => this.close() }, "Back to coding ", make("kbd", { "aria-hidden": "true" }, "Esc"))),
      make("div.ra-compared", {}, this.table, this.detail), this.told);
  }

  // ── coming and going ──

  open() {
    if (!this.state.sheet) return;
    if (this.state.study.blind) {
      this.state.say("Others’ codings are hidden in a blind phase.", "refused");
      return;
    }
    this.element.hidden = false;
    this.element.parentNode.classList.add("ra-comparing");
    this.table.focus();
    this.ask();
  }

  close() {
    this.element.hidden = true;
    this.element.parentNode.classList.remove("ra-comparing");
    this.outbox.post({ op: "open", document: this.state.sheet.id }); // what was agreed lies there now
    this.doors.leave();
  }

  ask() {
    const document = this.state.sheet.id;
    this.outbox.post({ op: "adjudicate", document }, { refused: () => { if (!this.element.hidden) this.close(); } });
  }

  /** @param {any} message  of type "layers" */
  show(message) {
    const { sheet } = this.state;
    if (message.document !== sheet?.id) return;
    const before = this.rows[this.place];
    this.coders = message.coders;
    this.may = message.may_agree !== false;
    const map = offsetMap(sheet.text);
    this.rows = message.rows.map((row) => ({ ...row, from: map.toUnits(row.start), to: map.toUnits(row.end), key: `${row.start} ${row.end} ${row.region}` }));
    const same = before ? this.rows.findIndex((row) => row.key === before.key) : -1;
    this.place = same >= 0 ? same : -1;
    this.list();
  }

  // ── the list ──

  /** Rows that are shown: where coders differ, and the one that is open. */
  shown() {
    return this.rows.filter((row, k) => !this.only.checked || row.differs || k === this.place);
  }

  list() {
    const root = this.element.getRootNode();
    const held = this.body.contains(root.activeElement) || this.detail.contains(root.activeElement);
    const writing = this.reason && root.activeElement === this.reason ? this.reason : null;
    const differ = this.rows.filter((row) => row.differs);
    const settled = differ.filter((row) => row.agreed !== null).length;
    this.summary.textContent = this.coders.length < 2 ? "Fewer than two people have coded or read this text."
      : differ.length ? `${differ.length} of ${this.rows.length} passages differ, ${settled} of them settled` : "The coders said the same everywhere.";
    this.head.replaceChildren(make("th", { scope: "col" }, "Passage"),
      ...this.coders.map((name) => make("th", { scope: "col" }, name)), make("th", { scope: "col" }, "Agreed"));
    const rows = this.shown();
    if (this.place < 0 && rows.length) this.place = this.rows.indexOf(rows.find((row) => row.agreed === null) ?? rows[0]);
    this.body.replaceChildren(...this.shown().map((row) => this.makeRow(row)));
    this.showDetail();
    if (writing && writing.dataset.row === this.reason?.dataset.row) this.writeOn(writing);
    else if (held && !this.element.contains(root.activeElement)) this.table.focus();
  }

  /** The reason is written on where it was, when the list was made anew meanwhile. */
  writeOn({ selectionStart, selectionEnd }) {
    this.reason.focus();
    this.reason.setSelectionRange(selectionStart, selectionEnd);
  }

  makeRow(row) {
    const on = this.rows[this.place] === row;
    const words = make("button.ra-coding", { onclick: () => this.goTo(row), "aria-current": on ? "true" : null }, make("q", {}, this.words(row, 110)));
    return make(on ? "tr.ra-current" : "tr", {}, make("th", { scope: "row" }, words),
      ...this.coders.map((name) => make("td", {}, this.chips(row.by[name] ?? []))),
      make("td", {}, row.agreed === null ? make("span.ra-rest", {}, row.edges ? "edges differ" : row.differs ? "open" : "the same") : this.chips(row.agreed)));
  }

  words(row, most) {
    return row.region ? regionWords(row.region, this.state.sheet.picture) : shortened(this.state.sheet.text.slice(row.from, row.to), most);
  }

  chips(codes) {
    if (!codes.length) return make("span.ra-rest", {}, "no code");
    return make("span.ra-chips", {}, ...codes.map((id) => {
      const chip = make("span.ra-chip", { "aria-hidden": "true" });
      paintChip(chip, this.state.codes.get(id));
      return make("span.ra-pill", {}, chip, this.state.nameOf(id));
    }));
  }

  goTo(row) {
    this.place = this.rows.indexOf(row);
    const held = this.body.contains(this.body.getRootNode().activeElement);
    this.list();
    const current = this.body.querySelector(".ra-current");
    current?.scrollIntoView({ block: "nearest" });
    if (held) current?.querySelector("button").focus();
  }

  step(by) {
    const rows = this.shown();
    if (!rows.length) return this.state.say("The coders said the same everywhere.");
    const next = rows.indexOf(this.rows[this.place]) + by;
    this.goTo(rows[(next + rows.length) % rows.length]);
    return this.state.say(`Passage ${rows.indexOf(this.rows[this.place]) + 1} of ${rows.length}: ${this.words(this.rows[this.place], 120)}`);
  }

  // ── what is agreed ──

  showDetail() {
    const row = this.rows[this.place];
    if (!row) return this.detail.replaceChildren(make("p.ra-rest", {}, "Nothing to compare here."));
    this.draft = new Draft(this.state, "agree", this.state.sheet.id, row.key);
    const kept = this.draft.get();
    this.chosen = new Set(kept?.chosen ?? row.agreed ?? (row.differs && !row.edges ? [] : Object.values(row.by)[0] ?? []));
    this.span = kept?.span ?? this.firstSpan(row);
    const said = [...new Set([...Object.values(row.by).flat(), ...this.chosen])];
    this.options = make("div.ra-options", { role: "group", "aria-label": "Codes" }, ...said.map((id) => this.makeOption(id)));
    const others = this.state.study.codebook.filter((code) => code.status !== "retired" && !said.includes(code.id));
    const more = make("select.ra-select", { "aria-label": "A further code", onchange: (event) => this.add(event.target) },
      make("option", { value: "" }, "a further code…"), ...others.map((code) => make("option", { value: code.id }, code.name)));
    const id = freshId("reason");
    this.reason = make("textarea", { id, rows: "3", "data-row": row.key, oninput: () => this.keepDraft() }, kept?.reason ?? "");
    const button = make("button.ra-main", { onclick: () => this.agree() }, "Agree ", make("kbd", { "aria-hidden": "true" }, "Ctrl+Enter"));
    return this.detail.replaceChildren(this.passage(row), ...(this.may
      ? [make("h4", {}, "What is agreed"), this.options, more, this.edgesOf(row), this.restOf(row), make("label", { for: id }, "Reason"), this.reason,
        make("div.ra-line", {}, make("small", {}, "No code chosen: agreed that there is nothing to code."), make("span.ra-space"), button)].filter(Boolean)
      : [make("p.ra-note", {}, "A lead or an adjudicator says what is agreed.")]));
  }

  /** What was typed and chosen stays until it is agreed, wherever one goes meanwhile. */
  keepDraft() {
    const reason = this.reason?.value ?? "";
    this.draft.put(reason.trim() ? { reason, chosen: [...this.chosen], span: this.span } : null);
  }

  // ── its edges ──

  /** Each span that somebody marked once, with whose it is; around all of them last. */
  spansOf(row) {
    const map = offsetMap(this.state.sheet.text);
    const found = new Map();
    const add = (from, to, who, agreed) => {
      const key = `${from} ${to}`;
      const entry = found.get(key) ?? { span: [from, to], who: new Set(), agreed: false };
      if (who) entry.who.add(who);
      entry.agreed ||= agreed;
      found.set(key, entry);
    };
    for (const each of row.codings) {
      const agreed = each.layer === "agreed";
      add(map.toUnits(each.start), map.toUnits(each.end), agreed ? "" : each.coder, agreed);
    }
    if (!found.has(`${row.from} ${row.to}`)) add(row.from, row.to, "", false);
    return [...found.values()];
  }

  /** As it was agreed before, else around all that was marked. */
  firstSpan(row) {
    if (row.region) return null;
    return this.spansOf(row).find((each) => each.agreed)?.span ?? [row.from, row.to];
  }

  /** Whose edges are agreed on, and buttons that move them by a word. */
  edgesOf(row) {
    if (row.region) return null;
    const spans = this.spansOf(row);
    const name = freshId("edges");
    const same = (span) => span.join() === this.span.join();
    const choices = spans.map((each) => make("label.ra-choice", {},
      make("input", { type: "radio", name, checked: same(each.span), "data-span": each.span.join(), onchange: () => this.takeSpan(each.span) }),
      each.who.size ? `as ${[...each.who].join(" and ")} marked it${each.agreed ? ", agreed" : ""}` : each.agreed ? "as it was agreed" : "all that was marked"));
    const edge = (words, key, which, by, label) => make("button.ra-small", { onclick: () => this.moveEdge(which, by), "aria-label": label, "aria-keyshortcuts": key },
      words, make("kbd", { "aria-hidden": "true" }, key));
    this.choices = make("fieldset", {}, make("legend", {}, "Its edges ", make("kbd", { "aria-hidden": "true" }, "s")), ...choices,
      make("span.ra-line", {},
        make("span.ra-edges", { role: "group", "aria-label": "Where it begins, by a word" }, make("span.ra-rest", { "aria-hidden": "true" }, "begins"),
          edge("earlier ", "[", "start", -1, "Begin a word earlier"), edge("later ", "{", "start", 1, "Begin a word later")),
        make("span.ra-edges", { role: "group", "aria-label": "Where it ends, by a word" }, make("span.ra-rest", { "aria-hidden": "true" }, "ends"),
          edge("earlier ", "}", "end", -1, "End a word earlier"), edge("later ", "]", "end", 1, "End a word later"))));
    return this.choices;
  }

  /** Where something else is agreed in the passage, it may stay beside this. */
  restOf(row) {
    this.beside = make("input", { type: "checkbox" });
    const further = row.region ? [] : this.spansOf(row).filter((each) => each.agreed);
    return further.length ? make("label.ra-choice", {}, this.beside, "keep what is agreed on other words of this passage") : null;
  }

  /** @param {number[]} span */
  takeSpan(span) {
    this.span = span;
    this.showSpan();
    this.keepDraft();
    this.state.say(`Agreed on: ${shortened(this.state.sheet.text.slice(...span), 120)}`);
  }

  /** The edges of the next coder. */
  nextSpan() {
    const row = this.rows[this.place];
    if (!row || row.region || !this.may) return;
    const spans = this.spansOf(row);
    const place = spans.findIndex((each) => each.span.join() === this.span.join());
    this.takeSpan(spans[(place + 1) % spans.length].span);
  }

  /** Move an edge of what is agreed by a word, never out of what was marked. @param {"start"|"end"} which @param {-1|1} by */
  moveEdge(which, by) {
    const row = this.rows[this.place];
    if (!row || row.region || !this.may) return;
    const { text } = this.state.sheet;
    const [start, end] = this.span;
    const to = movedByWord(text, which === "start" ? start : end, which, by);
    const held = Math.max(row.from, Math.min(row.to, to));
    const span = which === "start" ? [held, end] : [start, held];
    const tidy = span[0] < span[1] ? tidySpan(text, ...span) : span;
    if (tidy[0] >= tidy[1] || tidy.join() === this.span.join()) this.state.say("This edge goes no further.");
    else this.takeSpan(tidy);
  }

  showSpan() {
    const { text } = this.state.sheet;
    const row = this.rows[this.place];
    this.marked.replaceChildren(...this.markedParts(row, text));
    for (const each of this.choices?.querySelectorAll("input") ?? []) each.checked = each.dataset.span === this.span.join();
  }

  /** The words around, with what is agreed on marked in them. */
  markedParts(row, text) {
    const [from, to] = [Math.max(0, row.from - AROUND), Math.min(text.length, row.to + AROUND)];
    const [start, end] = this.span;
    return [from ? "… " : "", text.slice(from, start), make("mark", {}, text.slice(start, end)), text.slice(end, to), to < text.length ? " …" : ""];
  }

  /** The passage in its place; what each coder marked is said below it. */
  passage(row) {
    const { text } = this.state.sheet;
    if (row.region) return this.partOf(row);
    this.marked = make("p.ra-passage", {}, ...this.markedParts(row, text));
    const spans = this.coders.map((name) => [name, row.codings.filter((each) => each.coder === name)]).filter(([, codings]) => codings.length);
    const map = offsetMap(text);
    return make("div", {}, this.marked,
      make("dl.ra-marked", {}, ...spans.flatMap(([name, codings]) => [make("dt", {}, name),
        ...codings.map((each) => make("dd", {}, this.state.nameOf(each.code), ": ", make("q", {}, shortened(text.slice(map.toUnits(each.start), map.toUnits(each.end)), 140))))])));
  }

  // ── a part of the picture ──

  /** The picture with each coder's rectangle, and which of them is meant. */
  partOf(row) {
    const { picture } = this.state.sheet;
    const drawn = this.drawn(row);
    this.part = (drawn.find((each) => each.agreed) ?? drawn.at(-1)).region;
    const boxes = drawn.map((each) => this.boxOf(each, picture));
    const show = () => boxes.forEach((box, k) => box.classList.toggle("ra-box-on", drawn[k].region.join() === this.part.join()));
    show();
    const frame = picture?.src ? make("div.ra-frame", {}, make("img", {
      src: picture.src, alt: picture.alt || "The picture", width: picture.width, height: picture.height, draggable: "false",
    }), make("div.ra-boxes", { "aria-hidden": "true" }, ...boxes)) : null;
    const name = freshId("part");
    const choices = drawn.length < 2 ? [] : drawn.map((each) => make("label.ra-choice", {}, make("input", {
      type: "radio", name, checked: each.region.join() === this.part.join(),
      onchange: () => { this.part = each.region; show(); },
    }), each.words));
    return make("div.ra-part", {}, frame, make("p.ra-rest", {}, this.words(row)),
      choices.length ? make("fieldset", {}, make("legend", {}, "Which part"), ...choices) : null,
      make("dl.ra-marked", {}, ...this.coders.flatMap((who) => [make("dt", {}, who),
        make("dd", {}, (row.by[who] ?? []).map((id) => this.state.nameOf(id)).join(", ") || "no code")])));
  }

  /** Each rectangle once, with who drew it; around all of them last. */
  drawn(row) {
    const found = new Map();
    for (const coding of row.codings) {
      if (!coding.region) continue;
      const key = coding.region.join();
      const entry = found.get(key) ?? { region: coding.region, who: new Set(), agreed: false };
      if (coding.layer === "agreed") entry.agreed = true;
      else entry.who.add(coding.coder);
      found.set(key, entry);
    }
    const around = row.region.join();
    if (!found.has(around)) found.set(around, { region: row.region, who: new Set(), agreed: false });
    return [...found.values()].map((each) => ({ ...each, words: this.whose(each) }));
  }

  whose({ who, agreed }) {
    if (who.size) return `as ${[...who].join(" and ")} drew it${agreed ? ", agreed" : ""}`;
    return agreed ? "as it was agreed" : "around all of them";
  }

  boxOf({ region: [x0, y0, x1, y1], who }, { width, height }) {
    const box = make("div.ra-box", {}, who.size ? make("span.ra-box-name", {}, [...who].join(", ")) : null);
    const per = (value, whole) => `${(100 * value) / whole}%`;
    Object.assign(box.style, { left: per(x0, width), top: per(y0, height), width: per(x1 - x0, width), height: per(y1 - y0, height) });
    return box;
  }

  // ── codes ──

  makeOption(id) {
    const code = this.state.codes.get(id);
    const chip = make("span.ra-chip", { "aria-hidden": "true" });
    paintChip(chip, code);
    const box = make("input", { type: "checkbox", checked: this.chosen.has(id), "data-code": id, onchange: () => this.put(id, box.checked) });
    return make("label.ra-choice", {}, box, chip, this.state.nameOf(id), code?.key ? make("kbd", { "aria-hidden": "true" }, code.key.replace("shift+", "⇧")) : null);
  }

  put(id, on) {
    if (on) this.chosen.add(id);
    else this.chosen.delete(id);
    this.keepDraft();
  }

  add(select) {
    this.take(select.value);
    select.value = "";
  }

  /** Choose a code, or let it go. */
  take(id) {
    if (!id || !this.options) return;
    let box = this.options.querySelector(`[data-code="${CSS.escape(id)}"]`);
    if (!box) {
      this.options.append(this.makeOption(id));
      box = this.options.querySelector(`[data-code="${CSS.escape(id)}"]`);
    }
    box.checked = !box.checked;
    this.put(id, box.checked);
    this.state.say(`${this.state.nameOf(id)}: ${box.checked ? "chosen" : "not chosen"}.`);
  }

  agree() {
    const row = this.rows[this.place];
    const reason = this.reason?.value.trim();
    if (!row || !this.may) return;
    if (!reason) {
      this.state.say("Give the reason for what was agreed.", "refused");
      this.reason.focus();
      return;
    }
    const { draft } = this;
    const place = row.region ? { region: this.part } : this.state.sheet.inPoints(...this.span);
    const whole = row.region ? row.region : [row.start, row.end];
    const within = this.beside?.checked ? {} : { within: whole };
    this.outbox.post({ op: "agree", document: this.state.sheet.id, ...place, ...within, codes: [...this.chosen], reason }, {
      done: () => {
        draft.put(null);
        this.state.say("Agreed, and kept with its reason.");
        this.place = this.rows.findIndex((each, k) => k > this.place && each.differs && each.agreed === null);
        this.table.focus();
        this.later();
      },
    });
  }

  /** Take back, or do again: what was agreed a moment ago, or any other thing. */
  go(op) {
    this.outbox.post({ op }, { done: (reply) => {
      this.state.say(backWords(op, reply.what));
      this.later();
    } });
  }

  // ── keys ──

  key(event) {
    const back = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.agree();
    else if (back && (event.ctrlKey || event.metaKey) && !isWriting(event.target)) this.go(back);
    else if (event.key === "Escape") {
      if (takesLetters(event.target) && event.target.type !== "checkbox") this.table.focus();
      else this.close();
    } else if (Object.hasOwn(EDGES, event.key) && !isWriting(event.target) && (printsThird(event) || !(event.ctrlKey || event.metaKey || event.altKey))) {
      this.moveEdge(...EDGES[event.key]);
    } else if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || event.target.tagName === "SELECT"
      || (event.target.type === "radio" && event.key.startsWith("Arrow"))) {
      event.raDone = true;
      return;
    } else if (["Enter", " "].includes(event.key) && event.target !== this.table) {
      event.raDone = true;
      return;
    } else if (event.key === "j" || event.key === "ArrowDown") this.step(1);
    else if (event.key === "k" || event.key === "ArrowUp") this.step(-1);
    else if (event.key === "w" || event.key === "Enter") this.reason?.focus();
    else if (event.key === "s") this.nextSpan();
    else {
      const code = this.state.keys.get(codeKey(event));
      event.raDone = true; // no other key of the panel acts here
      if (!code || !this.may) return;
      this.take(code.id);
    }
    event.preventDefault();
    event.raDone = true;
  }
}
