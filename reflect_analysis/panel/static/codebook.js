// The codebook beside the text: always there, searchable while words are selected, each code with
// its colour, pattern and key, and what it means one key away.

import { counting, freshId, gathered, keepKeys, make, renew, scrollWithin, shortened } from "./dom.js";
import { memoActs } from "./codings.js";
import { paintChip } from "./marks.js";

/** How well a code answers a search: 0 not at all; words of the name count most. */
export function matchOf(code, search) {
  const wanted = search.toLocaleLowerCase().trim();
  if (!wanted) return 1;
  const name = code.name.toLocaleLowerCase();
  if (name.startsWith(wanted)) return 5;
  if (name.split(/[\s/–-]+/).some((word) => word.startsWith(wanted))) return 4;
  if (name.includes(wanted)) return 3;
  const rest = [code.group, code.definition, code.id, ...(code.include ?? [])].join(" ").toLocaleLowerCase();
  return wanted.split(/\s+/).every((word) => rest.includes(word) || name.includes(word)) ? 1 : 0;
}

/** The codes of a group as they stand one under another. @param {any[]} codes @returns {any[]} */
function asTree(codes) {
  const here = new Set(codes.map((code) => code.id));
  const below = (code) => [code, ...codes.filter((each) => each.parent === code.id && each !== code).flatMap(below)];
  return codes.filter((code) => !here.has(code.parent)).flatMap(below);
}

/** A key as it is printed: "⇧1" for "shift+1". */
export function keyHint(key) {
  return key ? key.replace("shift+", "⇧") : "";
}

export class CodebookView {
  /**
   * @param {import("./state.js").State} state
   * @param {{choose: (code: string, more: boolean) => void, leave: () => void, newCode: () => void, edit: (code: any) => void, memo: (code: any) => void, settle: (message: any, words?: string) => void, goOn: () => void}} doors
   */
  constructor(state, doors) {
    this.state = state;
    this.doors = doors;
    this.options = new Map();
    this.at = "";
    const listId = freshId("codes");
    this.search = make("input.ra-search", {
      type: "search", placeholder: "Search codes  /", "aria-label": "Search codes", role: "combobox",
      "aria-expanded": "true", "aria-controls": listId, "aria-autocomplete": "list", autocomplete: "off",
      oninput: () => this.filter(), onkeydown: (event) => this.searchKey(event),
    });
    this.list = make("div.ra-codes", { id: listId, role: "listbox", "aria-label": "Codes" });
    this.list.addEventListener("keydown", (event) => this.listKey(event));
    this.detail = make("div.ra-detail", { hidden: true, role: "region", "aria-label": "What the code means", tabindex: "0" });
    this.add = make("button.ra-quiet", { onclick: doors.newCode }, "New code ", make("kbd", {}, "n"));
    this.none = make("p.ra-none", { hidden: true }, "No code answers this search.");
    this.target = make("p.ra-target");
    this.waiting = make("div.ra-waiting", { hidden: true });
    this.retired = make("details.ra-waiting", { hidden: true });
    this.element = make("section.ra-codebook", { "aria-label": "Codebook" },
      make("div.ra-line", {}, make("h3", {}, "Codebook"), make("span.ra-space"), this.add),
      this.search, this.target, this.list, this.none, this.detail, this.waiting, this.retired);
    state.on("codebook", () => this.show());
    state.on("progress", () => this.showWaiting());
    state.on("sheet", () => this.showWaiting());
    state.on("codememos", () => this.showMemos());
    const target = gathered(() => this.showTarget());
    for (const subject of ["selection", "active", "codings", "sheet"]) state.on(subject, target);
  }

  show() {
    this.options.clear();
    const codes = this.state.study.codebook.filter((code) => code.status !== "retired");
    const groups = new Map();
    for (const code of codes) {
      if (!groups.has(code.group ?? "")) groups.set(code.group ?? "", []);
      groups.get(code.group ?? "").push(code);
    }
    this.list.replaceChildren(...[...groups].map(([group, members]) => this.makeGroup(group, asTree(members))));
    this.add.hidden = this.state.study.can?.new_code === false;
    this.filter();
    this.showWaiting();
    this.showRetired();
    this.showTarget();
    if (!this.detail.hidden) this.explain(this.state.codes.get(this.explained), this.options.has(this.explained));
  }

  makeGroup(group, members) {
    const id = freshId("group");
    const options = members.map((code) => this.makeOption(code));
    if (!group) return make("div", { role: "group", "aria-label": "Codes" }, ...options);
    return make("div", { role: "group", "aria-labelledby": id },
      make("div.ra-group", { id, role: "presentation" }, group), ...options);
  }

  makeOption(code) {
    const chip = make("span.ra-chip", { "aria-hidden": "true" });
    paintChip(chip, code);
    const id = freshId("code");
    const info = make("span.ra-info", { "aria-hidden": "true", title: "What it means (i)" }, "i");
    const option = make("div.ra-code", {
      role: "option", id, tabindex: "-1", "aria-selected": "false",
      "aria-keyshortcuts": code.key ? code.key.replace("shift", "Shift") : null,
      "aria-label": `${code.name}${code.key ? `, key ${code.key.replace("+", " ")}` : ""}${code.status === "provisional" ? ", provisional" : ""}`,
      onmousedown: (event) => event.preventDefault(),
      onclick: (event) => (event.target === info ? this.explain(code, true) : this.doors.choose(code.id, event.ctrlKey || event.metaKey)),
    },
    chip, make("span.ra-code-name", {}, code.name), code.human_only ? make("span.ra-tag", { title: "Only people give this code" }, "people") : null,
    code.status === "provisional" ? make("span.ra-tag", {}, "provisional") : null, info,
    code.key ? make("kbd", {}, keyHint(code.key)) : make("span.ra-nokey"));
    if (code.depth) option.style.paddingInlineStart = `${0.5 + Math.min(code.depth, 5) * 0.9}rem`;
    this.options.set(code.id, { element: option, code });
    return option;
  }

  filter() {
    const search = this.search.value;
    let best = "";
    let most = 0;
    for (const [id, { element, code }] of this.options) {
      const match = matchOf(code, search);
      element.hidden = !match;
      if (match > most) [best, most] = [id, match];
    }
    for (const group of this.list.children) {
      group.hidden = ![...group.querySelectorAll(".ra-code")].some((each) => !each.hidden);
    }
    this.none.hidden = most > 0;
    const current = this.options.get(this.at);
    this.goTo(search || !current || current.element.hidden ? best : this.at);
  }

  /** The code that Enter would give. @param {string} id */
  goTo(id) {
    const before = this.options.get(this.at)?.element;
    before?.setAttribute("tabindex", "-1");
    before?.classList.remove("ra-at");
    this.at = id;
    const option = this.options.get(id)?.element;
    if (!option) return this.search.removeAttribute("aria-activedescendant");
    option.setAttribute("tabindex", "0");
    option.classList.add("ra-at");
    this.search.setAttribute("aria-activedescendant", option.id);
    if (!this.detail.hidden) this.explain(this.options.get(id).code, true);
    return option;
  }

  step(by) {
    const shown = [...this.options].filter(([, { element }]) => !element.hidden).map(([id]) => id);
    if (!shown.length) return;
    const place = shown.indexOf(this.at);
    const next = by === "first" ? 0 : by === "last" ? shown.length - 1 : Math.max(0, Math.min(shown.length - 1, place + by));
    const option = this.goTo(shown[next]);
    if (option) scrollWithin(this.list, option);
    return option;
  }

  /** Arrow keys, Enter and Escape in the search field; letters are letters there. */
  searchKey(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (steps[event.key]) {
      event.preventDefault();
      this.step(steps[event.key]);
    } else if (event.key === "Enter" && this.at) {
      event.preventDefault();
      this.take(event.ctrlKey || event.metaKey);
    } else if (event.key === "ArrowRight" && this.search.selectionStart === this.search.value.length && this.at) {
      event.preventDefault();
      this.explain(this.options.get(this.at).code, this.detail.hidden);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.clear();
      this.doors.leave();
    }
  }

  take(more) {
    const id = this.at;
    this.doors.choose(id, more);
    if (more) this.search.select();
    else {
      this.clear();
      this.doors.leave();
    }
  }

  clear() {
    this.search.value = "";
    this.detail.hidden = true;
    this.filter();
  }

  listKey(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: "first", End: "last" };
    const code = this.options.get(this.at)?.code;
    if (steps[event.key]) this.step(steps[event.key])?.focus();
    else if ((event.key === "Enter" || event.key === " ") && code) this.doors.choose(code.id, event.ctrlKey || event.metaKey);
    else if ((event.key === "i" || event.key === "ArrowRight") && code) this.explain(code, this.detail.hidden);
    else if (event.key === "ArrowLeft") this.detail.hidden = true;
    else if (event.key === "e" && code) this.doors.edit(code);
    else return;
    event.preventDefault();
    event.raDone = true;
  }

  /** Open the search; the words stay selected. */
  open() {
    this.search.focus();
    this.search.select();
  }

  /** Definition, what to include and exclude, examples. @param {any} code @param {boolean} on */
  explain(code, on) {
    this.detail.hidden = !on;
    if (!on) return;
    this.explained = code.id;
    const list = (name, values) => (values?.length
      ? [make("dt", {}, name), ...values.map((value) => make("dd", {}, typeof value === "string" ? value : (value.text ?? value.example ?? "") + (value.reason || value.why ? ` – ${value.reason ?? value.why}` : "")))]
      : []);
    const edit = !this.state.may("edit_code")
      ? make("p.ra-note", {}, "This phase is blind: the codebook changes in the meeting. What should change can be written down as a memo.")
      : make("button.ra-quiet", { onclick: () => this.doors.edit(code) }, "Edit, move, merge…");
    const memo = make("button.ra-quiet", { onclick: () => this.doors.memo(code) }, "✎ Memo on this code");
    this.memos = make("div.ra-code-memos");
    const close = make("button.ra-quiet", { "aria-label": "Close", onclick: () => { this.detail.hidden = true; this.doors.goOn(); } }, "✕");
    this.detail.replaceChildren(
      make("div.ra-line", {}, make("h4", {}, code.name), make("span.ra-space"), close),
      make("p", {}, code.definition || "No definition yet."),
      make("dl", {}, ...list("Include", code.include), ...list("Exclude", code.exclude),
        ...list("Examples", code.examples), ...list("Not an example", code.counter_examples)),
      this.memos, make("div.ra-acts", {}, memo, edit));
    this.showMemos();
    keepKeys(this.detail);
  }

  /** After a dialog: the sheet of a code, with the focus in it. @param {string} id */
  explainAgain(id) {
    const code = this.state.codes.get(id);
    if (code && this.options.has(id)) this.explain(code, true);
    this.detail.focus();
  }

  /** What was written on the code that is explained, and on passages under it. */
  showMemos() {
    if (this.detail.hidden || !this.memos) return;
    const memos = (this.state.study.memos ?? []).filter((memo) => memo.code === this.explained);
    renew(this.memos, memos.length ? [make("h5", {}, "Memos"), make("ul.ra-items", { "aria-label": "Memos on this code" },
      ...memos.map((memo) => make("li.ra-memo", {}, make("span.ra-line", {}, make("span.ra-tag", {}, memo.kind),
        memo.coder ? make("span.ra-tag", {}, memo.coder) : null, memo.document ? make("span.ra-tag", {}, `on ${memo.document}`) : null),
      make("p", {}, memo.text), memoActs(memo, this.state, {
        change: (leave) => this.doors.change(memo, leave), remove: () => this.doors.remove(memo), leave: () => this.detail.focus(),
      }))))] : [], () => this.detail.focus());
  }

  /** Codes that are given no more, and may be again. */
  showRetired() {
    const retired = this.state.study.codebook.filter((code) => code.status === "retired");
    this.retired.hidden = !retired.length;
    const may = this.state.may("edit_code");
    renew(this.retired, [make("summary", {}, `Retired · ${retired.length}`),
      make("ul", { "aria-label": "Retired codes" }, ...retired.map((code) => make("li.ra-line", { title: code.definition }, make("span", {}, code.name),
        code.replaced_by?.length ? make("span.ra-tag", {}, `now ${code.replaced_by.map((id) => this.state.nameOf(id)).join(", ")}`) : null,
        may ? make("button.ra-small", {
          "aria-label": `Restore ${code.name}`, onclick: () => this.doors.settle({ op: "restore_code", code: code.id }, `${code.name} is in use again.`),
        }, "Restore") : null)))], this.doors.goOn);
  }

  /** What a code would be given to. */
  showTarget() {
    const { selection, sheet } = this.state;
    const active = this.state.activeCoding();
    const here = new Set();
    let words = "Select words, then choose a code.";
    if (selection) words = "Choose a code for the selected words.";
    else if (active) words = active.layer === "proposed" && active.status === "current" ? "Accept the proposal, or choose another code." : `Choose a further code for ${active.region ? "this part of the picture" : "these words"}.`;
    if (sheet && active) {
      for (const each of sheet.between(active.start, Math.max(active.end, active.start + 1))) {
        if (each.start === active.start && each.end === active.end) here.add(each.code);
      }
    }
    for (const [id, { element }] of this.options) element.setAttribute("aria-selected", String(here.has(id)));
    if (this.target.textContent !== words) this.target.textContent = words;
  }

  /** Codes that wait for the meeting, each once with all that was noted under its name. */
  showWaiting() {
    const waiting = this.state.study?.waiting ?? [];
    const byName = new Map();
    for (const each of waiting) {
      const same = each.same ?? each.name; // told by Python, which adopts by it
      byName.set(same, [...(byName.get(same) ?? []), each]);
    }
    this.waiting.hidden = !waiting.length;
    renew(this.waiting, [make("h4", {}, "Waiting for the meeting"),
      make("ul", { "aria-label": "Waiting for the meeting" }, ...[...byName.values()].map((noted) => this.makeWaiting(noted)))], this.doors.goOn);
  }

  /** A code on the list; after the blind phase it is taken into the codebook, or a note of it dropped. */
  makeWaiting(noted) {
    const { blind, can } = this.state.study;
    const open = !blind && can?.new_code !== false;
    const [{ id, name, known }] = noted;
    const who = [...new Set(noted.map((each) => each.coder).filter(Boolean))].join(" and ");
    const adopted = `${known ? "Given" : "Adopted"}: ${name}, ${counting(noted.length, "note")}${who ? ` of ${who}` : ""}. Ctrl+Z takes it back.`;
    const adopt = open ? make("button.ra-small", {
      "aria-label": `Adopt ${name}${noted.length > 1 ? `, ${counting(noted.length, "note")}` : ""}`, onclick: () => this.doors.settle({ op: "adopt_code", waiting: id }, adopted),
    }, noted.length > 1 ? "Adopt all" : "Adopt") : null;
    return make("li", {}, make("span.ra-line", {}, make("b", {}, name), known ? make("span.ra-tag", {}, "in the codebook by now") : null, adopt),
      make("ul.ra-noted", { "aria-label": `Noted as ${name}` }, ...noted.map((each) => this.makeNoted(each, open, noted.length > 1))));
  }

  /** Where a code was noted, by whom and as what. */
  makeNoted(each, open, several) {
    const { study, sheet } = this.state;
    const words = each.words ? `“${shortened(each.words, 60)}”` : each.region ? "a part of the picture" : "";
    const where = each.title && each.document !== sheet?.id ? each.title : "";
    const drop = open ? make("button.ra-small", {
      "aria-label": `Drop ${each.name}${several ? `, noted on ${words || "no passage"}${where ? ` in ${where}` : ""} by ${each.coder}` : ""}`,
      onclick: () => this.doors.settle({ op: "drop_waiting", waiting: each.id }, `Dropped: ${each.name}${words ? ` on ${words}` : ""}. It is not on the list any more.`),
    }, "Drop") : null;
    return make("li.ra-line", {}, words ? make("span", {}, words) : make("span.ra-rest", {}, "no passage"), where ? make("span.ra-tag", {}, where) : null,
      each.coder && each.coder !== study.coder ? make("span.ra-tag", {}, each.coder) : null, drop,
      each.definition ? make("span.ra-rest", {}, each.definition) : null);
  }
}
