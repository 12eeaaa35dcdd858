// What was refused stands in words until the coder has seen it, and the text is not left before.

export class Held {
  /** @param {(words?: string) => void} tell  that something of this changed; with words, what to say */
  constructor(tell) {
    this.tell = tell;
    /** @type {{key: string, why: string, lost: string, sheet: string, title: string}[]} */
    this.refused = [];
    this.corrected = false; // the open text has other words than a moment ago
    this.told = false; // that one stays, once more leaves
  }

  /** @param {{key: string, why: string, lost: string, sheet: string, title: string}} entry */
  add(entry) {
    this.refused.push(entry);
    this.told = false;
    this.tell();
  }

  /** @param {boolean} on */
  correct(on) {
    this.corrected = on;
    this.told = false;
  }

  /** The same was stored after all. @param {string} key */
  settle(key) {
    const left = this.refused.filter((each) => each.key !== key);
    if (left.length === this.refused.length) return;
    this.refused = left;
    this.tell();
  }

  /** Seen. */
  clear() {
    const any = this.refused.length > 0;
    Object.assign(this, { refused: [], corrected: false, told: false });
    if (any) this.tell();
  }

  /** Why it was refused. @param {string} open  the text that is shown */
  words(open) {
    const why = this.refused.map((each) => (each.sheet && each.sheet !== open ? `In “${each.title}”: ${each.why}` : each.why));
    return [...new Set(why)].join(" ");
  }

  /** What was refused. */
  get lost() {
    const lost = [...new Set(this.refused.map((each) => each.lost).filter(Boolean))];
    const words = lost.length ? `Not stored: ${lost.join("; ")}.` : "";
    return this.told ? `${words} The same key once more goes on.` : words;
  }

  /** Whether the text may be left; the first time that it may not, it is said how it may. */
  letsGo() {
    if (!this.refused.length && !this.corrected) return true;
    if (this.told) {
      this.clear();
      return true;
    }
    this.told = true;
    if (this.refused.length) this.tell();
    else this.tell("Corrected meanwhile: look again. The same key once more goes on.");
    return false;
  }
}
