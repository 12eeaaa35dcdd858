// What an undo took back or a redo did again, in words: by what is different in the open text.

import { shortened } from "./dom.js";
import { regionWords } from "./picture.js";

/** What an undo may change, of the text that is open and of the codebook. @param {import("./state.js").State} state */
export function asItWas({ sheet, codes, study }) {
  const { id, read, flagged } = sheet;
  return { id, read, flagged, codings: new Map(sheet.codings), memos: [...sheet.memos], codes, waiting: study.waiting ?? [] };
}

/** "Taken back: …." @param {"undo"|"redo"} op @param {string} [what] */
export function backWords(op, what) {
  const words = op === "undo" ? "Taken back" : "Done again";
  return what ? `${words}: ${what}.` : `${words}.`;
}

/**
 * @param {import("./state.js").State} state  as it is now
 * @param {ReturnType<typeof asItWas>} before
 * @param {any} message  the answer
 * @returns {string}
 */
export function whatChanged(state, before, message) {
  const named = (coding) => state.codes.get(coding.code)?.name ?? before.codes.get(coding.code)?.name ?? coding.code;
  if (message.document_id && message.document_id !== before.id) {
    const title = state.study.queue?.find((each) => each.id === message.document_id)?.title ?? message.document_id;
    const codes = [...new Set((message.codings ?? []).map(named))].join(", ");
    return `${codes || ofCodes(state, before) || ofAnother(state, message) || "something"} in ${title}`;
  }
  const { sheet } = state;
  const on = (coding) => `${named(coding)} on ${coding.region ? regionWords(coding.region, sheet.picture) : `“${shortened(sheet.words(coding), 60)}”`}`;
  const many = (codings, say) => (codings.length > 2 ? `${say(codings[0])} and ${codings.length - 1} more` : codings.map(say).join(" and "));
  return ofCodings(before, message, sheet, on, many) || ofCodes(state, before) || ofTheRest(before, message, sheet);
}

/** Codes that are new or gone, or that wait for the meeting or do so no more. */
function ofCodes(state, before) {
  const without = (some, others) => [...some.keys()].filter((id) => !others.has(id)).map((id) => some.get(id).name);
  const codes = [...without(before.codes, state.codes), ...without(state.codes, before.codes)];
  if (codes.length) return `the code ${codes.join(", ")}`;
  const now = new Map((state.study.waiting ?? []).map((each) => [each.id, each]));
  const then = new Map(before.waiting.map((each) => [each.id, each]));
  const waits = [...new Set([...without(then, now), ...without(now, then)])];
  return waits.length ? `${waits.join(", ")}, for the meeting` : "";
}

/** Of another text than the open one: what its line in the queue told before. */
function ofAnother(state, message) {
  const known = state.study.queue?.find((each) => each.id === message.document_id);
  const differs = (name) => known && typeof message[name] === "boolean" && message[name] !== known[name];
  const words = differs("read") ? "that it was read" : differs("flagged") ? "the flag" : "";
  if (known) for (const name of ["read", "flagged"]) if (differs(name)) known[name] = message[name];
  return words;
}

/** The words that a posting is about, if they are those of the open text. */
function wordsOf({ message, sheet, shown, before }, open) {
  if ((sheet ?? message.document) !== open.id || (message.sha256 && open.sha256 && message.sha256 !== open.sha256)) return "";
  const coding = [...(shown?.values() ?? []), ...(before?.values() ?? [])].find(Boolean);
  if (coding?.region || message.region) return regionWords(coding?.region ?? message.region, open.picture);
  if (coding) return open.words(coding);
  return typeof message.start === "number" ? open.words(open.inUnits({ start: message.start, end: message.end })) : "";
}

/**
 * By which a thing that was refused is known again when it is done after all: what it gives, and the
 * words that it is about, since a correction moves them; where there are none, the place and the ids.
 */
export function keyOf(posting, open) {
  const { op, document, code, codes, name, on, into, parent, group, memo, waiting, left, ...rest } = posting.message;
  const had = posting.touches?.map((id) => posting.before?.get(id)?.code ?? null);
  const about = wordsOf(posting, open) || [rest.start, rest.end, rest.region, rest.coding, rest.codings];
  return JSON.stringify([op, posting.sheet ?? document, code, codes, name, on, into, parent, group, memo, waiting, left, had, about]);
}

const LOST = {
  read: "that this text was read", flag: "the flag", memo: "a memo", edit_memo: "the change of a memo",
  remove_memo: "the removal of a memo", undo: "what was to be taken back", redo: "what was to be done again",
};

/** What is lost where a posting is refused. @param {any} posting @param {import("./state.js").State} state */
export function lostBy(posting, state) {
  const { op, codes, name } = posting.message;
  if (op === "new_code") return `the code ${name}`;
  if (LOST[op]) return LOST[op];
  const known = [...(posting.before?.values() ?? [])].find(Boolean);
  const all = codes ?? [[...(posting.shown?.values() ?? [])][0]?.code ?? known?.code];
  if (!all[0]) return "";
  const words = wordsOf(posting, state.sheet);
  const names = all.map((each) => state.nameOf(each)).join(", ");
  const on = words ? ` on ${posting.message.region ? words : `“${shortened(words, 60)}”`}` : "";
  const what = { remove: "the removal of ", decide: "the decision on ", recode: "the change to ", move: "the change of " }[op] ?? "";
  return `${what}${names}${on}`;
}

function ofCodings(before, message, sheet, on, many) {
  const undone = message.undone ?? true;
  const gone = [...new Set(message.gone ?? [])].map((id) => before.codings.get(id)).filter((each) => each && !sheet.codings.has(each.id));
  const here = (message.codings ?? []).map((each) => sheet.codings.get(each.id)).filter(Boolean);
  const back = here.filter((each) => !before.codings.has(each.id));
  const other = here.filter((each) => before.codings.has(each.id) && before.codings.get(each.id).status !== each.status);
  if (gone.length && back.length) return `the change of ${many(back, on)}`;
  if (other.length) return `the decision on ${many(other, on)}`;
  if (gone.length) return undone ? many(gone, on) : `the removal of ${many(gone, on)}`;
  if (back.length) return undone ? `the removal of ${many(back, on)}` : many(back, on);
  return "";
}

function ofTheRest(before, message, sheet) {
  const known = new Set(sheet.memos.map((each) => each.id));
  const memo = before.memos.find((each) => !known.has(each.id)) ?? sheet.memos.find((each) => !before.memos.some((other) => other.id === each.id));
  if (memo) return `the memo “${shortened(memo.text, 60)}”`;
  if (before.read !== sheet.read) return "that this text was read";
  if (before.flagged !== sheet.flagged) return "the flag of this text";
  if (message.codebook) return "a change of the codebook";
  return message.code_memos ? "a memo on a code" : "";
}
