// Above the text: what it is, the phase, whether all is saved, and how far the coder is; prompt and
// attributes stand at the head of the text and scroll with it. Below: the buttons that end a text.

import { counting, make } from "./dom.js";

const KINDS = {
  reflection: "Reflection", post: "Post", transcript: "Transcript", photovoice: "Photo-voice",
  "photo-voice": "Photo-voice", story: "Photo-voice story", page: "Page",
};
const ORDERS = [
  ["assigned", "in the order assigned"], ["uncertain", "the uncertain first"], ["audit", "a random audit"],
];
const PATIENCE = 4000; // milliseconds until "saving…" says that it waits

export class Header {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./operations.js").Work} work
   * @param {import("./outbox.js").Outbox} outbox
   * @param {{help: () => void, compare: () => void}} doors
   */
  constructor(state, work, outbox, doors) {
    this.state = state;
    this.work = work;
    this.outbox = outbox;
    this.title = make("h2.ra-title", {}, "Opening…");
    this.badges = make("span.ra-badges");
    this.saving = make("span.ra-saving", { role: "status" });
    this.progress = make("progress.ra-progress", { max: 1, value: 0, "aria-label": "Texts read" });
    this.count = make("span.ra-count");
    this.picker = make("select.ra-select", { "aria-label": "Text", onchange: () => work.open(this.picker.value) });
    this.order = make("select.ra-select", { "aria-label": "Order of the texts", onchange: () => work.queue(this.order.value) },
      ...ORDERS.map(([value, words]) => make("option", { value }, words)));
    this.undo = make("button.ra-quiet", { onclick: () => work.undo(), title: "Take back (Ctrl+Z)" }, "↶ Undo");
    this.redo = make("button.ra-quiet", { onclick: () => work.redo(), title: "Do again (Ctrl+Y)" }, "↷ Redo");
    this.compare = make("button.ra-quiet", { onclick: doors.compare, title: "What each coder said (v)", hidden: true }, "Compare coders");
    this.about = make("dl.ra-about");
    this.prompt = make("p.ra-prompt");
    this.front = make("div.ra-front", {}, this.about, this.prompt);
    this.banner = make("div.ra-banner", { role: "status" });
    this.hint = this.makeHint();
    this.element = make("header.ra-header", {},
      make("div.ra-line", {}, this.title, this.badges, make("span.ra-space"), this.saving, this.compare, this.undo, this.redo,
        make("button.ra-quiet", { onclick: doors.help, title: "Help (h)" }, "Help ", make("kbd", {}, "h"))),
      make("div.ra-line.ra-second", {}, this.picker, this.order, this.progress, this.count),
      this.banner, this.hint);
    this.slow = 0;
    this.listen();
  }

  makeHint() {
    const close = make("button.ra-quiet", { "aria-label": "Hide this hint", onclick: () => { this.hint.hidden = true; } }, "✕");
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
    this.state.on("saving", () => this.showSaving());
    this.state.on("elsewhere", () => this.showElsewhere());
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
    this.prompt.textContent = sheet.prompt;
    this.prompt.hidden = !sheet.prompt;
    this.front.hidden = this.about.hidden && this.prompt.hidden;
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
    this.undo.disabled = !this.state.can.undo;
    this.redo.disabled = !this.state.can.redo;
    this.showQueue(queue, sheet);
  }

  showQueue(queue, sheet) {
    const entries = sheet && !queue.some((each) => each.id === sheet.id) ? [{ id: sheet.id, title: sheet.title }, ...queue] : queue;
    const lines = entries.map((each) => {
      const marks = `${each.read ? " ✓" : ""}${each.flagged ? " ⚑" : ""}`;
      return `${each.title || each.id}${marks}`;
    });
    const key = lines.join("\n");
    if (key !== this.shown) {
      this.shown = key;
      this.picker.replaceChildren(...entries.map((each, k) => make("option", { value: each.id }, lines[k])));
    }
    if (sheet) this.picker.value = sheet.id;
    this.order.value = this.state.order;
  }

  showSaving() {
    clearTimeout(this.slow);
    const n = this.outbox.waiting;
    const put = (words, state) => {
      if (this.saving.textContent !== words) this.saving.textContent = words;
      this.saving.dataset.state = state;
    };
    if (!this.state.connected) put(`Not connected – ${n ? `${n} not saved yet, kept here` : "trying again"}`, "lost");
    else if (!n) put("All saved", "saved");
    else {
      put("Saving…", "saving");
      this.slow = setTimeout(() => put(`Saving… ${n} waiting for Python, which is busy`, "saving"), PATIENCE);
    }
  }

  showElsewhere() {
    const close = make("button.ra-quiet", { onclick: () => { this.state.elsewhere = false; this.banner.replaceChildren(); } }, "Understood");
    this.banner.replaceChildren(make("span", {},
      "You have this study open in a second panel and worked there too. This text was brought up to date; nothing is lost. Better close one of the two."), close);
  }
}

/** The buttons under the text. */
export class Footer {
  /** @param {HTMLElement} notice  where is said what was done */
  constructor(state, work, notice) {
    this.state = state;
    this.flag = make("button.ra-quiet", { onclick: () => work.flag(!state.sheet.flagged), "aria-pressed": "false" }, "⚑ Flag ", make("kbd", {}, "f"));
    this.skip = make("button.ra-quiet", { onclick: () => work.next() }, "Skip ", make("kbd", {}, "Space"));
    this.finish = make("button.ra-main", { onclick: () => work.finish() }, "");
    this.element = make("div.ra-footer", {}, this.flag, notice, this.skip, this.finish);
    for (const subject of ["sheet", "codings", "progress"]) state.on(subject, () => this.show());
  }

  show() {
    const { sheet } = this.state;
    if (!sheet) return;
    this.flag.setAttribute("aria-pressed", String(sheet.flagged));
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
