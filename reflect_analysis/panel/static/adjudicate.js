// Adjudication: what two or more coders said of a text, side by side, and what is agreed. The
// agreed coding is a coder of its own, with a reason; nobody's own coding is changed.

import { freshId, make, shortened } from "./dom.js";
import { paintChip } from "./marks.js";
import { offsetMap } from "./offsets.js";
import { codeKey, takesLetters } from "./keys.js";
import { regionWords } from "./picture.js";

const AROUND = 160; // letters of the text before and after the passage

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
  }

  makeRow(row) {
    const on = this.rows[this.place] === row;
    const words = make("button.ra-coding", { onclick: () => this.goTo(row), "aria-current": on ? "true" : null }, make("q", {}, this.words(row, 110)));
    return make(on ? "tr.ra-current" : "tr", {}, make("th", { scope: "row" }, words),
      ...this.coders.map((name) => make("td", {}, this.chips(row.by[name] ?? []))),
      make("td", {}, row.agreed === null ? make("span.ra-rest", {}, row.differs ? "open" : "the same") : this.chips(row.agreed)));
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
    this.chosen = new Set(row.agreed ?? (row.differs ? [] : Object.values(row.by)[0] ?? []));
    const said = [...new Set([...Object.values(row.by).flat(), ...this.chosen])];
    this.options = make("div.ra-options", { role: "group", "aria-label": "Codes" }, ...said.map((id) => this.makeOption(id)));
    const others = this.state.study.codebook.filter((code) => code.status !== "retired" && !said.includes(code.id));
    const more = make("select.ra-select", { "aria-label": "A further code", onchange: (event) => this.add(event.target) },
      make("option", { value: "" }, "a further code…"), ...others.map((code) => make("option", { value: code.id }, code.name)));
    const id = freshId("reason");
    this.reason = make("textarea", { id, rows: "3" });
    const button = make("button.ra-main", { onclick: () => this.agree() }, "Agree ", make("kbd", { "aria-hidden": "true" }, "Ctrl+Enter"));
    return this.detail.replaceChildren(this.passage(row), ...(this.may && !row.region
      ? [make("h4", {}, "What is agreed"), this.options, more, make("label", { for: id }, "Reason"), this.reason,
        make("div.ra-line", {}, make("small", {}, "No code chosen: agreed that there is nothing to code."), make("span.ra-space"), button)]
      : [make("p.ra-note", {}, row.region ? "Parts of a picture are compared here; what is agreed of them is coded in the picture." : "A lead or an adjudicator says what is agreed.")]));
  }

  /** The passage in its place; what each coder marked is said below it. */
  passage(row) {
    const { text } = this.state.sheet;
    if (row.region) return make("p", {}, this.words(row));
    const [from, to] = [Math.max(0, row.from - AROUND), Math.min(text.length, row.to + AROUND)];
    const spans = this.coders.map((name) => [name, row.codings.filter((each) => each.coder === name)]).filter(([, codings]) => codings.length);
    const map = offsetMap(text);
    return make("div", {},
      make("p.ra-passage", {}, from ? "… " : "", text.slice(from, row.from), make("mark", {}, text.slice(row.from, row.to)), text.slice(row.to, to), to < text.length ? " …" : ""),
      make("dl.ra-marked", {}, ...spans.flatMap(([name, codings]) => [make("dt", {}, name),
        ...codings.map((each) => make("dd", {}, this.state.nameOf(each.code), ": ", make("q", {}, shortened(text.slice(map.toUnits(each.start), map.toUnits(each.end)), 140))))])));
  }

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
    if (!row || row.region || !this.may) return;
    if (!reason) {
      this.state.say("Give the reason for what was agreed.", "refused");
      this.reason.focus();
      return;
    }
    this.outbox.post({ op: "agree", document: this.state.sheet.id, start: row.start, end: row.end, codes: [...this.chosen], reason }, {
      done: () => {
        this.state.say("Agreed, and kept with its reason.");
        this.place = this.rows.findIndex((each, k) => k > this.place && each.differs && each.agreed === null);
        this.table.focus();
        this.ask();
      },
    });
  }

  // ── keys ──

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.agree();
    else if (event.key === "Escape") {
      if (takesLetters(event.target) && event.target.type !== "checkbox") this.table.focus();
      else this.close();
    } else if (event.ctrlKey || event.metaKey || event.altKey || (takesLetters(event.target) && event.target.type !== "checkbox")) {
      event.raDone = true;
      return;
    } else if (["Enter", " "].includes(event.key) && event.target !== this.table) {
      event.raDone = true;
      return;
    } else if (event.key === "j" || event.key === "ArrowDown") this.step(1);
    else if (event.key === "k" || event.key === "ArrowUp") this.step(-1);
    else if (event.key === "w" || event.key === "Enter") this.reason?.focus();
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
