// Above the text: what it is, the phase, whether all is saved, and how far the coder is; prompt and
// attributes stand at the head of the text and scroll with it. Below: the buttons that end a text.

import { counting, make } from "./dom.js";

const KINDS = {
  reflection: "Reflection", post: "Post", transcript: "Transcript", photovoice: "Photo-voice",
  "photo-voice": "Photo-voice", story: "Photo-voice story", page: "Page",
};
const ORDERS = [
  ["assigned", "in the order assigned"], ["uncertain", "the uncertain first"], ["audit", "a random audit"],
  ["flagged", "only the flagged"],
];
const TROUBLE = { busy: "the study is in use by another program", unreachable: "the server of the study does not answer" };
const PATIENCE = 4000; // milliseconds until "saving…" says that it waits

export class Header {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./operations.js").Work} work
   * @param {import("./outbox.js").Outbox} outbox
   * @param {{help: () => void, compare: () => void, leave: () => void}} doors
   */
  constructor(state, work, outbox, doors) {
    this.state = state;
    this.work = work;
    this.outbox = outbox;
    this.doors = doors;
    this.title = make("h2.ra-title", {}, "Opening…");
    this.badges = make("span.ra-badges");
    this.saving = make("span.ra-saving");
    this.aloud = make("span.ra-heard", { role: "status" }); // that a key is saved, one need not hear
    this.progress = make("progress.ra-progress", { max: 1, value: 0, "aria-label": "Texts read" });
    this.count = make("span.ra-count");
    this.picker = make("select.ra-select", { "aria-label": "Go to a text", onchange: () => this.pick() });
    for (const kind of ["keydown", "keypress"]) this.picker.addEventListener(kind, (event) => this.pickerKey(event));
    this.picker.addEventListener("blur", () => this.letPick());
    this.find = make("input.ra-find", {
      type: "search", placeholder: "Find a text", "aria-label": "Find a text by its id or title", autocomplete: "off",
      oninput: () => this.showProgress(), onkeydown: (event) => this.findKey(event),
    });
    this.found = make("span.ra-found", { role: "status" });
    this.order = make("select.ra-select", { "aria-label": "Order of the texts", onchange: () => work.queue(this.order.value) },
      ...ORDERS.map(([value, words]) => make("option", { value }, words)));
    const sign = (mark, words, title, act) => make("button.ra-quiet", { onclick: act, title, "aria-label": words }, mark, make("span.ra-word", {}, ` ${words}`));
    this.undo = sign("↶", "Undo", "Take back (Ctrl+Z)", () => work.undo());
    this.redo = sign("↷", "Redo", "Do again (Ctrl+Y)", () => work.redo());
    this.texts = make("button.ra-quiet.ra-texts", { "aria-expanded": "false", title: "Other texts", onclick: () => this.showTexts() });
    this.compare = make("button.ra-quiet", { onclick: doors.compare, title: "What each coder said (v)", hidden: true }, "Compare coders");
    this.about = make("dl.ra-about");
    this.prompt = make("p.ra-prompt");
    this.unsaid = make("details.ra-unsaid", { hidden: true });
    this.front = make("div.ra-front", {}, this.about, this.unsaid, this.prompt);
    this.banner = make("div.ra-banner", { role: "status" });
    this.correction = make("div.ra-banner", { role: "status" });
    this.hint = this.makeHint();
    this.element = make("header.ra-header", {},
      make("div.ra-line", {}, this.title, this.badges, make("span.ra-space"), this.saving, this.aloud, this.texts, this.compare, this.undo, this.redo,
        make("button.ra-quiet", { onclick: doors.help, title: "Help (h)" }, "Help ", make("kbd", {}, "h"))),
      make("div.ra-line.ra-second", {}, this.find, this.picker, this.found, this.order, this.progress, this.count),
      this.banner, this.correction, this.hint);
    this.slow = 0;
    this.listen();
  }

  makeHint() {
    const close = make("button.ra-quiet", { "aria-label": "Hide this hint", onclick: () => { this.hint.hidden = true; this.doors.leave(); } }, "✕");
    return make("p.ra-hint", {}, make("span", {},
      make("b", {}, "1"), " Select words in the text. ", make("b", {}, "2"), " Press the key of a code, or click it. ",
      make("b", {}, "3"), " When you have read it all, press ", make("kbd", {}, "Enter"), ": the next text opens."), close);
  }

  listen() {
    this.state.on("study", () => this.showStudy());
    this.state.on("sheet", () => this.showSheet());
    this.state.on("empty", () => {
      this.title.textContent = "There is no text for you to code yet";
      this.state.say("Texts come here once they are in the study, cleared of identifiers, and assigned to you.");
    });
    this.state.on("progress", () => this.showProgress());
    this.state.on("codings", () => { this.hint.hidden ||= this.state.activeCoding()?.layer === "own"; });
    this.state.on("saving", () => this.showSaving());
    this.state.on("elsewhere", (about) => this.showElsewhere(about));
    this.state.on("corrected", (now) => { if (now) this.showCorrection(); });
    this.state.on("sheet", ({ again }) => { if (!again) this.correction.replaceChildren(); });
  }

  showStudy() {
    this.badges.replaceChildren(...this.makeBadges());
    this.compare.hidden = Boolean(this.state.study.blind) || (this.state.study.coders ?? []).length < 2;
    this.showProgress();
    this.showSaving();
  }

  makeBadges() {
    const { phase, blind, coder } = this.state.study;
    const badges = [make("span.ra-badge", { title: "You code as" }, coder)];
    const name = typeof phase === "string" ? phase : phase?.name;
    if (name) badges.push(make("span.ra-badge.ra-phase", {}, `phase: ${name}`));
    if (blind) {
      badges.push(make("span.ra-badge.ra-blind", { title: "Others’ codings and proposals are hidden until the phase ends" }, "blind"));
    }
    return badges;
  }

  showSheet() {
    const { sheet } = this.state;
    this.title.textContent = sheet.title;
    const kind = sheet.kind ? [["Kind", KINDS[sheet.kind] ?? sheet.kind]] : [];
    this.about.replaceChildren(...[...kind, ...sheet.attributes].map(([name, value]) =>
      make("div", {}, make("dt", {}, name), make("dd", {}, String(value)))));
    this.about.hidden = !kind.length && !sheet.attributes.length;
    this.showUnsaid(sheet.hidden);
    this.prompt.textContent = sheet.prompt;
    this.prompt.hidden = !sheet.prompt;
    this.front.hidden = this.about.hidden && this.prompt.hidden && this.unsaid.hidden;
  }

  /** What is known of the writer and not shown, by its names, and who may show it. */
  showUnsaid(names) {
    this.unsaid.hidden = !names.length;
    this.unsaid.open = false;
    this.unsaid.replaceChildren(make("summary", {}, `${counting(names.length, "detail")} of the text or its writer not shown`),
      make("p", {}, `Not shown: ${names.join(", ")}. You code what is written, not who wrote it. A lead of the study may show some to all coders: `,
        make("code", {}, `reflect-analysis panel STUDY --coder NAME --show ${names[0]}`)));
  }

  showProgress() {
    const { study, sheet } = this.state;
    if (!study) return;
    const queue = study.queue ?? [];
    const total = study.progress?.total ?? study.progress?.assigned ?? queue.length;
    const read = study.progress?.read ?? queue.filter((each) => each.read).length;
    this.progress.setAttribute("max", String(Math.max(total, 1)));
    this.progress.value = read;
    if (read > 0) this.hint.hidden = true;
    this.count.textContent = `${read} of ${counting(total, "text")} read`;
    this.texts.textContent = `${this.count.textContent} ▾`;
    this.undo.disabled = !this.state.can.undo;
    this.redo.disabled = !this.state.can.redo;
    this.showQueue(queue, sheet);
  }

  /** The texts of the queue that answer what is searched. */
  matching(queue) {
    const wanted = this.find.value.toLocaleLowerCase().trim();
    const found = wanted ? queue.filter((each) => `${each.id} ${each.title ?? ""}`.toLocaleLowerCase().includes(wanted)) : queue;
    const words = wanted ? `${counting(found.length, "text")} found` : "";
    if (this.found.textContent !== words) this.found.textContent = words;
    return found;
  }

  /** Enter opens the first that was found, Escape lets the search go. */
  findKey(event) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    const [first] = event.key === "Enter" && this.find.value.trim() ? this.matching(this.state.study.queue ?? []) : [];
    if (event.key === "Enter" && !first) return;
    this.find.value = "";
    this.showProgress();
    if (first && first.id !== this.state.sheet?.id) this.work.open(first.id);
    else this.doors.leave();
  }

  /** A text was chosen: with the mouse it opens, with the arrow keys once Enter says so. */
  pick() {
    if (!this.stepping) {
      this.choosing = "";
      this.work.open(this.picker.value);
      return;
    }
    this.choosing = this.picker.value;
    this.state.say(`Enter opens ${this.picker.selectedOptions[0]?.text ?? "it"}.`);
  }

  pickerKey(event) {
    if (event.type === "keydown" && event.key === "Enter" && this.choosing) {
      event.preventDefault();
      const wanted = this.choosing;
      this.letPick();
      this.work.open(wanted);
    } else if (event.type === "keydown" && event.key === "Escape") this.letPick();
    if (event.altKey) return; // a list that is opened chooses once
    this.stepping = true; // what the browser does with the key, it does before the next task
    clearTimeout(this.stepped);
    this.stepped = setTimeout(() => { this.stepping = false; });
  }

  /** What was chosen and not opened is let go. */
  letPick() {
    if (!this.choosing) return;
    this.choosing = "";
    this.picker.value = this.state.sheet?.id ?? "";
  }

  showQueue(all, sheet) {
    const queue = this.matching(all);
    const entries = sheet && !queue.some((each) => each.id === sheet.id)
      ? [all.find((each) => each.id === sheet.id) ?? { id: sheet.id, title: sheet.title }, ...queue] : queue;
    const lines = entries.map((each) => {
      const marks = `${each.read ? " ✓" : ""}${each.flagged ? " ⚑" : ""}`;
      return `${each.title || each.id}${marks}`;
    });
    const key = lines.join("\n");
    if (key !== this.shown) {
      this.shown = key;
      this.picker.replaceChildren(...entries.map((each, k) => make("option", { value: each.id }, lines[k])));
    }
    if (sheet) this.picker.value = entries.some((each) => each.id === this.choosing) ? this.choosing : sheet.id;
    this.order.value = this.state.order;
  }

  showSaving() {
    clearTimeout(this.slow);
    const n = this.outbox.waiting;
    const put = (words, state, slow = false) => {
      if (this.saving.textContent !== words) this.saving.textContent = words;
      this.saving.dataset.state = state;
      const trouble = slow || state === "lost";
      if (trouble || (this.trouble && state === "saved")) this.aloud.textContent = words;
      this.trouble = trouble || (this.trouble && state !== "saved");
    };
    if (!this.state.connected) put(`Not connected – ${n ? `${n} not saved yet, kept here` : "trying again"}`, "lost");
    else if (!n) put("All saved", "saved");
    else if (this.outbox.trouble) put(`Not saved yet: ${TROUBLE[this.outbox.trouble]} – ${n} kept here, tried again`, "lost");
    else {
      put("Saving…", "saving");
      this.slow = setTimeout(() => put(`Saving… ${n} waiting for Python, which is busy`, "saving", true), PATIENCE);
    }
  }

  /** The open text has other words than a moment ago. */
  showCorrection() {
    const n = this.state.sheet.left.own.length;
    const left = n ? ` ${n} of your codings and memos ${n === 1 ? "rests" : "rest"} on the earlier wording: ${n === 1 ? "it is" : "they are"} listed beside the text, to be made again.` : "";
    this.correction.replaceChildren(make("span", {},
      `This text was corrected meanwhile. What you see is its new wording; look again at what you were about to code.${left}`), this.makeClose(this.correction, () => this.state.held.correct(false)));
  }

  /** Where the window is low, the second line comes and goes. */
  showTexts() {
    const on = this.element.classList.toggle("ra-opened");
    this.texts.setAttribute("aria-expanded", String(on));
    if (on) this.find.focus();
  }

  /** Empties a banner, and gives the focus back to the text. */
  makeClose(banner, act = () => {}) {
    return make("button.ra-quiet", { onclick: () => { banner.replaceChildren(); act(); this.doors.leave(); } }, "Understood");
  }

  /** @param {{refused?: boolean}} [about]  refused: what was asked for met with what was done there */
  showElsewhere({ refused } = {}) {
    const close = this.makeClose(this.banner);
    this.banner.replaceChildren(make("span", {},
      `You have this study open in a second panel and worked there too. This text was brought up to date; ${refused ? "what you did here last was not stored, so look again" : "nothing is lost"}. Better close one of the two.`), close);
  }
}

/** The buttons under the text. */
export class Footer {
  /** @param {HTMLElement} notice  where is said what was done */
  constructor(state, work, notice) {
    this.state = state;
    this.flag = make("button.ra-quiet", { onclick: () => work.flag(!state.sheet.flagged), "aria-pressed": "false" }, "⚑ Flag ", make("kbd", {}, "f"));
    this.unread = make("button.ra-quiet", { onclick: () => { work.unread(); this.finish.focus(); }, hidden: true }, "Not read yet ", make("kbd", {}, "u"));
    this.skip = make("button.ra-quiet", { onclick: () => work.next() }, "Skip ", make("kbd", {}, "Space"));
    this.finish = make("button.ra-main", { onclick: () => work.finish() }, "");
    this.element = make("div.ra-footer", {}, this.flag, notice, this.unread, this.skip, this.finish);
    for (const subject of ["sheet", "codings", "progress"]) state.on(subject, () => this.show());
  }

  show() {
    const { sheet } = this.state;
    if (!sheet) return;
    this.flag.setAttribute("aria-pressed", String(sheet.flagged));
    this.unread.hidden = !sheet.read;
    const own = this.state.study.coder;
    let coded = false;
    for (const each of sheet.codings.values()) {
      if (each.coder === own && each.status !== "rejected") { coded = true; break; }
      if (each.status === "accepted") { coded = true; break; }
    }
    const words = sheet.read ? "Next text " : coded ? "Read – next text " : "Read, nothing to code – next ";
    if (this.words !== words) this.finish.replaceChildren(words, make("kbd", {}, "Enter"));
    this.words = words;
  }
}
