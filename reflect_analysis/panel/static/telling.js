// What an undo took back or a redo did again, in words: by what is different in the open text.

import { shortened } from "./dom.js";
import { regionWords } from "./picture.js";

/** What of a text an undo may change. @param {import("./sheet.js").Sheet} sheet */
export function asItWas(sheet) {
  const { id, read, flagged } = sheet;
  return { id, read, flagged, codings: new Map(sheet.codings), memos: [...sheet.memos] };
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
  const named = (coding) => state.nameOf(coding.code);
  if (message.document_id && message.document_id !== before.id) {
    const title = state.study.queue?.find((each) => each.id === message.document_id)?.title ?? message.document_id;
    const codes = [...new Set((message.codings ?? []).map(named))].join(", ");
    return `${codes || "something"} in ${title}`;
  }
  const { sheet } = state;
  const on = (coding) => `${named(coding)} on ${coding.region ? regionWords(coding.region, sheet.picture) : `“${shortened(sheet.words(coding), 60)}”`}`;
  const many = (codings, say) => (codings.length > 2 ? `${say(codings[0])} and ${codings.length - 1} more` : codings.map(say).join(" and "));
  return ofCodings(before, message, sheet, on, many) || ofTheRest(before, message, sheet);
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
