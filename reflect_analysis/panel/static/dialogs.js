// Native dialogs: memo, new code, a code's page, help. Each gives the focus back where it was.

import { freshId, make, shortened } from "./dom.js";
import { keepDraft } from "./drafts.js";

const MEMOS = [
  ["analytic", "Analytic – what it may mean"], ["method", "Method – how I decided"], ["reflexive", "Reflexive – what it does with me"],
];

/**
 * Show a form in a dialog; answers with its values, or nothing when it is closed.
 * What is typed is kept as its draft: a dialog that is closed, or refused, opens filled again.
 * @param {HTMLElement} root @param {string} title @param {(Node|null)[]} content @param {string} [action]
 * @param {{draft?: import("./drafts.js").Draft|null, why?: string, check?: (data: FormData) => {why: string, field: string}|null}} [more]  `why` it was refused; `check` finds what keeps the form from being taken
 * @returns {Promise<FormData|null>}
 */
export function ask(root, title, content, action = "Save", { draft = null, why = "", check = () => null } = {}) {
  const id = freshId("dialog");
  return new Promise((resolve) => {
    const told = make("p.ra-note", { hidden: true });
    const alarm = make("p.ra-alarm", { role: "alert" }, why || null);
    const form = make("form", { method: "dialog" }, make("h3", { id }, title),
      alarm, told, ...content.filter(Boolean),
      make("div.ra-line", {}, make("span.ra-space"),
        action ? make("button.ra-main", { type: "submit", value: "yes" }, action) : null,
        make("button.ra-quiet", { onclick: () => dialog.close("") }, action ? "Cancel " : "Close ", make("kbd", {}, "Esc"))));
    if (draft && keepDraft(form, draft) && !why) {
      const empty = make("button.ra-small", { onclick: () => {
        draft.put(null);
        told.hidden = true;
        form.reset();
        form.querySelector("[autofocus]")?.focus();
      } }, "Start afresh");
      told.replaceChildren("What you wrote here before and did not keep is in it again. ", empty);
      told.hidden = false;
    }
    const dialog = make("dialog.ra-dialog", { "aria-labelledby": id }, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fault = check(new FormData(form));
      if (!fault) return dialog.close("yes");
      alarm.textContent = alarm.textContent === fault.why ? `${fault.why}\u00a0` : fault.why;
      form.elements[fault.field]?.focus();
      alarm.scrollIntoView({ block: "nearest" });
      return undefined;
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && action) form.requestSubmit();
      event.stopPropagation();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? new FormData(form) : null);
    });
    root.append(dialog);
    dialog.showModal();
  });
}

function field(label, control, note = "") {
  const id = freshId("field");
  control.id = id;
  return make("div.ra-field", {}, make("label", { for: id }, label), control, note ? make("small", {}, note) : null);
}

function area(name, value = "", rows = 3) {
  return make("textarea", { name, rows }, value);
}

/**
 * What a memo says and of which kind.
 * @param {HTMLElement} root @param {string} about @param {any[]} known  what was noted there before
 * @param {{draft?: any, why?: string}} [more]  as of `ask` @param {{text: string, kind: string}} [memo]  that is changed
 */
export async function askMemo(root, about, known = [], more = {}, memo = { text: "", kind: "analytic" }) {
  const kinds = MEMOS.map(([value, words]) => make("label.ra-choice", {},
    make("input", { type: "radio", name: "kind", value, checked: value === memo.kind }), words));
  const before = known.length ? make("ul.ra-known", {}, ...known.map((memo) => make("li", {}, memo.text))) : null;
  const text = make("textarea", { name: "text", rows: 5, required: true, autofocus: true, "aria-label": "Memo" }, memo.text);
  const data = await ask(root, `Memo on ${about}`, [before, text, make("fieldset", {}, make("legend", {}, "Kind"), ...kinds)], "Keep the memo", more);
  const words = String(data?.get("text") ?? "").trim();
  return words ? { text: words, kind: String(data.get("kind")) } : null;
}

/** @param {HTMLElement} root @param {string} selected  the words @param {boolean} blind @param {{draft?: any, why?: string, part?: string}} [more]  `part` of the picture in the place of words */
export async function askNewCode(root, selected, blind, more = {}) {
  const name = make("input", { name: "name", required: true, autocomplete: "off", autofocus: true });
  const invivo = make("input", { type: "hidden", name: "in_vivo", value: "" });
  name.addEventListener("input", () => { invivo.value = name.value.trim() === selected ? "yes" : ""; });
  const take = selected && selected.length <= 80 ? make("button.ra-quiet", {
    onclick: () => { name.value = selected; invivo.value = "yes"; name.focus(); },
  }, `Use the words themselves: “${selected}”`) : null;
  const data = await ask(root, "New code", [
    selected ? make("p", {}, "It is given to ", make("q", {}, shortened(selected, 160))) : null,
    more.part ? make("p", {}, `It is given to this ${more.part}.`) : null,
    take, field("Name", name), invivo,
    field("Definition, for now", area("definition"), "A sentence is enough; it stays provisional until you settle it."),
    blind ? make("p.ra-note", {}, "This phase is blind: the code waits on your list for the meeting.") : null,
  ], "Make the code", more);
  const words = String(data?.get("name") ?? "").trim();
  if (!words) return null;
  return { name: words, definition: String(data.get("definition")).trim(), in_vivo: data.get("in_vivo") === "yes" };
}

/** Lists of a code as the form shows them: one a line, whatever line breaks they hold. */
function asLines(values) {
  return (values ?? []).map((value) => value.replace(/\s*\n\s*/g, " ").trim()).filter(Boolean);
}

/** Edit, move, merge or retire a code. Answers with the message to send. */
export async function askCode(root, code, codebook, more = {}) {
  const others = codebook.filter((each) => each.id !== code.id && each.status !== "retired");
  const choose = (name, first) => make("select", { name }, make("option", { value: "" }, first),
    ...others.map((each) => make("option", { value: each.id }, each.name)));
  const group = make("input", { name: "group", value: code.group ?? "", autocomplete: "off" });
  const fate = make("select", { name: "fate" }, make("option", { value: "" }, "stays"),
    make("option", { value: "merge" }, "is merged into the code chosen below"), make("option", { value: "retire" }, "is retired: no longer given"));
  const data = await ask(root, code.name, [
    field("Name", make("input", { name: "name", required: true, value: code.name, autocomplete: "off" })),
    field("Definition", area("definition", code.definition)),
    field("Include (one a line)", area("include", asLines(code.include).join("\n"), 2)),
    field("Exclude (one a line)", area("exclude", asLines(code.exclude).join("\n"), 2)),
    field("Examples (one a line)", area("examples", asLines(code.examples).join("\n"), 2)),
    field("Group", group),
    field("Under", choose("parent", code.parent ? "(as it is)" : "(no code above)")),
    field("This code", fate), field("Merge into", choose("into", "–")),
  ], "Save", { ...more, check: (data) => codeFault(code, data) });
  return data ? codeMessage(code, data) : null;
}

/** A field of a form as it was typed. @param {FormData} data @param {string} name */
function typedIn(data, name) {
  return String(data.get(name) ?? "").trim();
}

/** What keeps a code's form from being taken: one thing at a time, and nothing is let fall. */
function codeFault(code, data) {
  const [fate, into] = [typedIn(data, "fate"), typedIn(data, "into")];
  const changed = changesOf(code, data).length > 0;
  if (fate === "merge" && !into) return { why: "Choose the code into which this one goes.", field: "into" };
  if (fate !== "merge" && into) return { why: "A code is chosen under “Merge into”: say above it that this code is merged, or choose “–” there.", field: "fate" };
  if (fate && changed) {
    const word = fate === "merge" ? "merged" : "retired";
    return { why: `This code is changed and ${word} at once. Save what is changed first, with “stays”; or put it back, and it is ${word} as it was.`, field: "fate" };
  }
  if (typedIn(data, "parent") && typedIn(data, "group") !== (code.group ?? "")) {
    return { why: "A code under another stands in that one’s group: change the group, or choose a code to stand under.", field: "group" };
  }
  return null;
}

function codeMessage(code, data) {
  if (typedIn(data, "fate") === "retire") return [{ op: "retire_code", code: code.id }];
  if (typedIn(data, "fate") === "merge") return [{ op: "merge_codes", codes: [code.id], into: typedIn(data, "into") }];
  return changesOf(code, data);
}

/** What of a code's words and place is changed, as messages. */
function changesOf(code, data) {
  const text = (name) => typedIn(data, name);
  const lines = (name) => text(name).split("\n").map((line) => line.trim()).filter(Boolean);
  const messages = [];
  const next = { name: text("name"), definition: text("definition"), include: lines("include"), exclude: lines("exclude"), examples: lines("examples") };
  const before = (name, value) => (Array.isArray(value) ? asLines(code[name]) : (code[name] ?? "").trim());
  const changed = Object.entries(next).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before(name, value)));
  if (changed.length) messages.push({ op: "edit_code", code: code.id, ...Object.fromEntries(changed) });
  if (text("parent")) messages.push({ op: "move_code", code: code.id, parent: text("parent") });
  else if (text("group") !== (code.group ?? "")) messages.push({ op: "move_code", code: code.id, group: text("group") });
  return messages;
}

const HELP = [
  ["Select", [["drag, double-click", "select words"], ["Shift + arrow keys", "select; Ctrl+Shift a word at a time"], ["s", "the sentence; again: the paragraph"], ["Esc", "let go"]]],
  ["Code", [["1 … 9, 0", "give the code with this key"], ["Shift + digit", "codes 11 to 20"], ["/", "search codes; Enter gives, Ctrl+Enter gives several"], ["i", "what a code means"], ["n", "new code from the selected words"]]],
  ["A coding", [["j, k", "next, previous coding"], ["digit", "a further code for the same words; to a proposal: see there"], ["c", "change its code"], ["[ {", "begin a word earlier, later"], ["] }", "end a word later, earlier"], ["m", "memo"], ["Delete", "remove"]]],
  ["Proposals", [["p", "next proposal"], ["a", "accept"], ["x", "reject; take an acceptance back"], ["digit, c", "accept, with the code that is given"], ["[ {  ] }", "accept with other edges"], ["b", "decide on many at once"]]],
  ["The text", [["Enter", "read; next text"], ["Space", "skip to the next text, not read yet"], ["u", "not read yet after all"], ["f", "flag"], ["l", "to the list of codings and back"]]],
  ["A picture", [["r", "a rectangle; where a coding is active, its own"], ["arrow keys", "move it; with Shift size it"], ["digit, Enter", "code it; search a code, or keep what was moved"]]],
  ["Together", [["v", "compare coders; j, k next, previous"], ["digit", "choose what is agreed"], ["s", "the edges of the next coder"], ["[ {  ] }", "move the edges of what is agreed"], ["w, Ctrl+Enter", "write the reason, agree"]]],
  ["Back", [["Ctrl+Z, Backspace", "take back"], ["Ctrl+Y, Ctrl+Shift+Z", "do again"]]],
];

/** @param {HTMLElement} root @param {() => void} guide  opens the guide */
export function showHelp(root, guide) {
  const parts = HELP.map(([title, rows]) => make("div", {}, make("h4", {}, title), make("dl", {},
    ...rows.flatMap(([keys, words]) => [make("dt", {}, make("kbd", {}, keys)), make("dd", {}, words)]))));
  return ask(root, "Keys", [
    make("p", {}, "Select words, press the key of a code; when the text is read, press Enter. All is saved at once. What a person coded is a line under the words; what is proposed is a bracket around them."),
    make("button.ra-quiet", { onclick: (event) => { event.target.closest("dialog").close(""); guide(); } }, "Your first week of coding: a guide"),
    make("div.ra-help", {}, ...parts)], "");
}
