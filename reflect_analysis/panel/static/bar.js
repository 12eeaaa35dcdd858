// Under the text, always in the same place: which codes lie here, and what can be done with the
// coding that is active. The keys do the same.

import { afterPaint, gathered, make, shortened } from "./dom.js";
import { paintChip } from "./marks.js";
import { regionWords } from "./picture.js";
import { isDecided } from "./sheet.js";

const REST = "Select words and press the key of a code. With the keyboard: Shift and the arrow keys select, s takes the sentence.";

export class Bar {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./operations.js").Work} work
   * @param {{change: () => void, memo: () => void, cycle: (id: string) => void}} doors
   */
  constructor(state, work, doors) {
    this.state = state;
    this.work = work;
    this.doors = doors;
    this.hovered = null;
    this.here = make("div.ra-here", { role: "group", "aria-label": "Codes here" });
    this.actions = make("div.ra-actions", { role: "toolbar", "aria-label": "The active coding" });
    this.notice = make("p.ra-notice", { role: "status", "aria-live": "polite" });
    this.alarm = make("p.ra-alarm", { role: "alert" });
    this.heard = make("p.ra-heard", { role: "status" });
    this.lost = make("span", { role: "status" });
    this.held = make("div.ra-line", { hidden: true }, this.lost,
      make("button.ra-small", { onclick: () => { state.held.clear(); doors.leave(); } }, "Understood"));
    this.said = "";
    this.element = make("div.ra-bar", { role: "group", "aria-label": "At the caret" }, this.here, this.actions, this.alarm, this.held, this.heard);
    const show = gathered(() => this.show());
    for (const subject of ["active", "sheet", "codings", "selection", "codebook"]) state.on(subject, show);
    state.on("hover", (codings) => { this.hovered = codings; this.showHere(); });
    state.on("sheet", ({ again }) => {
      this.said = this.heard.textContent = "";
      if (!again) this.notice.textContent = this.alarm.textContent = "";
      this.showHeld();
    });
    state.on("held", () => {
      this.alarm.textContent = this.notice.textContent = ""; // "Coded …" is not true any more
      this.showHeld();
    });
    state.on("notice", (notice) => this.tell(notice));
  }

  /** For ears alone: which codes lie where the caret came to. @param {any[]} codings */
  hear(codings) {
    const words = codings.map((each) => `${each.layer === "proposed" && each.status === "current" ? "proposed " : ""}${this.state.nameOf(each.code)}`).join(", ");
    if (words === this.said) return;
    this.said = words;
    this.heard.textContent = words ? `Here: ${words}.` : "No code here.";
  }

  /** What was refused stands until it is seen; other words come and go. */
  showHeld() {
    const { held, sheet } = this.state;
    this.held.hidden = !held.refused.length;
    if (this.lost.textContent !== held.lost) this.lost.textContent = held.lost;
    const words = held.words(sheet?.id);
    if (words && this.alarm.textContent !== words) this.alarm.textContent = words;
  }

  tell({ text, how }) {
    const held = !this.held.hidden;
    if (held && how === "refused" && this.alarm.textContent.includes(text)) return; // it stands there already
    const [on, off] = how === "refused" && !held ? [this.alarm, this.notice] : [this.notice, this.alarm];
    if (!held) off.textContent = "";
    on.textContent = on.textContent === text ? `${text}\u00a0` : text;
  }

  show() {
    this.showHere();
    const coding = this.state.activeCoding();
    const key = coding ? `${coding.layer} ${coding.status} ${Boolean(coding.region)}` : "";
    if (key === this.key) return;
    this.key = key;
    const held = this.actions.contains(this.actions.getRootNode().activeElement);
    this.actions.replaceChildren(...(coding ? this.makeActions(coding) : []));
    this.actions.hidden = !coding;
    if (!held) return;
    const button = this.actions.querySelector("button");
    if (button) button.focus();
    else this.doors.leave();
  }

  showHere() {
    const { sheet, selection } = this.state;
    if (!sheet) return;
    const coding = this.state.activeCoding();
    let codings = this.hovered;
    if (!codings && coding) codings = coding.region ? this.samePart(sheet, coding) : this.sameWords(sheet, coding);
    const looks = (each) => [each.code, each.layer, each.status, each.coder, each.id === this.state.active];
    const shown = JSON.stringify([codings?.map(looks), this.state.region, selection, coding?.evidence, Boolean(this.hovered)]);
    if (shown === this.shown && this.codes === this.state.codes && this.sheet === sheet) return;
    Object.assign(this, { shown, codes: this.state.codes, sheet });
    if (codings?.length) this.here.replaceChildren(...codings.map((each) => this.makePill(each)));
    else if (this.state.region) this.here.replaceChildren(make("span", {}, `Selected: ${regionWords(this.state.region, sheet.picture)}`));
    else if (selection) this.here.replaceChildren(make("span", {}, "Selected: ", make("q", {}, shortened(sheet.words(selection), 70))));
    else this.here.replaceChildren(make("span.ra-rest", {}, REST));
    const evidence = coding && coding.layer === "proposed" && !this.hovered ? coding.evidence : "";
    if (evidence) this.here.append(make("span.ra-evidence", {}, `because: ${evidence}`));
    afterPaint(() => this.fitHere());
  }

  /** What does not fit is scrolled, by keys too. */
  fitHere() {
    const { scrollHeight, scrollWidth, clientHeight, clientWidth } = this.here;
    if (scrollHeight > clientHeight + 1 || scrollWidth > clientWidth + 1) this.here.setAttribute("tabindex", "0");
    else this.here.removeAttribute("tabindex");
  }

  /** The active coding first, then the others over its words. */
  sameWords(sheet, coding) {
    const others = sheet.overlapping(coding).filter((each) => each.status !== "rejected").slice(0, 6);
    return [coding, ...others];
  }

  /** The active coding first, then the others of its part of the picture. */
  samePart(sheet, coding) {
    const others = [...sheet.codings.values()].filter((each) => each.region?.join() === coding.region.join());
    return [coding, ...others.filter((each) => each.id !== coding.id && each.status !== "rejected")];
  }

  makePill(coding) {
    const chip = make("span.ra-chip", { "aria-hidden": "true" });
    paintChip(chip, this.state.codes.get(coding.code));
    const proposed = coding.layer === "proposed" && coding.status === "current";
    const who = proposed ? `proposed by ${coding.coder}` : coding.coder === this.state.study.coder ? "" : coding.coder;
    const on = coding.id === this.state.active;
    return make(on ? "span.ra-pill.ra-on" : "span.ra-pill", {}, chip, this.state.nameOf(coding.code),
      who ? make("small", {}, who) : null);
  }

  makeActions(coding) {
    const { work, doors } = this;
    const button = (words, key, action, label) => make("button.ra-small", { onclick: action, "aria-label": label ?? null, "aria-keyshortcuts": key },
      words, key ? make("kbd", { "aria-hidden": "true" }, key) : null);
    const now = () => this.state.activeCoding();
    const proposed = coding.layer === "proposed" && coding.status === "current";
    const mine = proposed || coding.layer === "own" || coding.status === "accepted";
    const parts = [];
    if (proposed) {
      parts.push(button("✓ Accept ", "a", () => doors.decide("accept")), button("✕ Reject ", "x", () => doors.decide("reject")));
    }
    if (isDecided(coding)) {
      const what = coding.status === "accepted" ? "the acceptance" : "the rejection";
      parts.push(button("Take back ", "x", () => doors.decide("reject"), `Take back ${what}`));
    }
    if (mine) parts.push(button("Change code ", "c", doors.change));
    if (mine && coding.region) parts.push(button("Move, size ", "r", doors.region));
    if (mine && !coding.region) {
      const edge = (words, key, which, by, label) => button(words, key, () => now() && work.nudge(now(), which, by), label);
      parts.push(make("span.ra-edges", { role: "group", "aria-label": "Where it begins, by a word" },
        make("span.ra-rest", { "aria-hidden": "true" }, "begins"),
        edge("earlier ", "[", "start", -1, "Begin a word earlier"), edge("later ", "{", "start", 1, "Begin a word later")),
      make("span.ra-edges", { role: "group", "aria-label": "Where it ends, by a word" },
        make("span.ra-rest", { "aria-hidden": "true" }, "ends"),
        edge("earlier ", "}", "end", -1, "End a word earlier"), edge("later ", "]", "end", 1, "End a word later")));
    }
    parts.push(button("✎ Memo ", "m", doors.memo));
    if (coding.layer === "own") parts.push(button("Remove ", "Del", () => now() && work.remove(now())));
    return parts;
  }
}
