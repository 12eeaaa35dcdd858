// Words that were typed and not kept yet: a memo that was closed with Escape, a code that was
// refused, half a reason. They live in the page's memory, by study and coder, and come back where
// they were written. Nothing is written to the browser's storage.

const DRAFTS = Symbol.for("reflect_analysis.drafts");

/** The drafts of a study and coder, by what they are about. @param {import("./state.js").State} state @returns {Map<string, any>} */
function draftsOf({ study }) {
  globalThis[DRAFTS] ??= new Map();
  const all = globalThis[DRAFTS];
  const key = `${study.study ?? study.title}\u0000${study.coder}`;
  if (!all.has(key)) all.set(key, new Map());
  return all.get(key);
}

export class Draft {
  /** @param {import("./state.js").State} state @param {...any} about  what it is written on */
  constructor(state, ...about) {
    this.drafts = draftsOf(state);
    this.key = JSON.stringify(about);
  }

  get() {
    return this.drafts.get(this.key);
  }

  /** @param {any} words  nothing: it is let go */
  put(words) {
    if (words) this.drafts.set(this.key, words);
    else this.drafts.delete(this.key);
  }
}

/** The fields of a form by name. @param {HTMLFormElement} form */
function fieldsOf(form) {
  return [...form.elements].filter((each) => each.name && each.type !== "submit");
}

/**
 * Fill a form with its draft, and keep what is typed in it.
 * @param {HTMLFormElement} form @param {Draft} draft @returns {boolean} whether there was one
 */
export function keepDraft(form, draft) {
  const known = draft.get();
  for (const field of known ? fieldsOf(form) : []) {
    if (field.type === "radio" || field.type === "checkbox") field.checked = known[field.name] === field.value;
    else if (known[field.name] !== undefined) field.value = known[field.name];
  }
  form.addEventListener("input", () => draft.put(Object.fromEntries(new FormData(form))));
  return Boolean(known);
}
