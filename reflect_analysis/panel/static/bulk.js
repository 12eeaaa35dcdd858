// Many proposals at once: a filter, what it takes, and only then the decision. Python counts again
// and refuses where the number changed.

import { counting, freshId, make, shortened } from "./dom.js";

export class Bulk {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./outbox.js").Outbox} outbox
   * @param {() => void} leave  gives the focus back
   */
  constructor(state, outbox, leave) {
    this.state = state;
    this.outbox = outbox;
    this.leave = leave;
    this.found = null;
    this.asked = 0;
  }

  /** @param {HTMLElement} root */
  open(root) {
    if (this.state.study?.blind) return this.state.say("Proposals are hidden in a blind phase.", "refused");
    const title = freshId("bulk");
    this.build();
    const form = make("form", { method: "dialog" }, make("h3", { id: title }, "Decide on many proposals"),
      make("p", {}, "Choose which; look at what they are; then accept or reject all of them. One undo takes it back."),
      make("div.ra-filter", {}, this.field("Code", this.code), this.field("Proposed by", this.coder),
        this.field("Score at least", this.least), this.field("Where", this.where)),
      this.count, this.examples, this.field("Reason, if you like", this.reason),
      make("div.ra-line", {}, make("span.ra-space"), make("button.ra-quiet", { onclick: () => this.dialog.close() }, "Cancel ", make("kbd", {}, "Esc")),
        this.reject, this.accept));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => { if (event.target !== this.reason) this.look(); });
    this.dialog = make("dialog.ra-dialog.ra-wide", { "aria-labelledby": title, onkeydown: (event) => event.stopPropagation() }, form);
    this.dialog.addEventListener("close", () => {
      this.dialog.remove();
      this.dialog = null;
      this.leave();
    });
    root.append(this.dialog);
    this.dialog.showModal();
    this.look(true);
    return undefined;
  }

  build() {
    this.code = make("select", { autofocus: true }, make("option", { value: "" }, "any code"));
    this.coder = make("select", {}, make("option", { value: "" }, "any machine"));
    this.least = make("input", { type: "number", min: "0", max: "1", step: "0.05", placeholder: "any" });
    this.where = make("select", {}, make("option", { value: "" }, "in all texts"), make("option", { value: this.state.sheet?.id ?? "" }, "in this text"));
    this.reason = make("input", { autocomplete: "off" });
    this.count = make("p.ra-count", { role: "status" });
    this.examples = make("ul.ra-examples", { "aria-label": "Some of them", tabindex: "0" });
    this.accept = make("button.ra-main", { onclick: () => this.decide("accept") }, "Accept all");
    this.reject = make("button.ra-quiet", { onclick: () => this.decide("reject") }, "Reject all");
  }

  field(label, control) {
    control.id = freshId("field");
    return make("div.ra-field", {}, make("label", { for: control.id }, label), control);
  }

  filter() {
    const least = this.least.value === "" ? null : Number(this.least.value);
    return { code: this.code.value, coder: this.coder.value, document: this.where.value, at_least: least };
  }

  /** Ask what the filter takes; an answer to an earlier question is not shown. */
  look(first = false) {
    this.asked += 1;
    const mine = this.asked;
    const filter = this.filter();
    this.found = null;
    this.show();
    this.outbox.post({ op: "preview", filter }, {
      done: (reply) => {
        if (mine !== this.asked || !this.dialog) return;
        if (first) this.offer(reply);
        this.found = { ...reply, filter };
        this.show();
      },
      refused: () => this.dialog?.close(),
    });
  }

  /** What there is to choose from. */
  offer({ by_code: codes = [], by_coder: coders = [] }) {
    for (const [id, n] of codes) this.code.append(make("option", { value: id }, `${this.state.nameOf(id)} (${n})`));
    for (const [name, n] of coders) this.coder.append(make("option", { value: name }, `${name} (${n})`));
  }

  show() {
    const { found } = this;
    for (const button of [this.accept, this.reject]) button.disabled = !found?.n;
    if (!found) {
      this.count.textContent = "Counting…";
      return;
    }
    this.accept.textContent = `Accept all ${found.n}`;
    this.reject.textContent = `Reject all ${found.n}`;
    this.count.textContent = found.n ? `${counting(found.n, "proposal")} in ${counting(found.documents, "text")}; some of them:` : "The filter takes no proposal.";
    this.examples.hidden = !found.n;
    this.examples.replaceChildren(...(found.examples ?? []).map((each) => make("li", {},
      make("b", {}, this.state.nameOf(each.code)), " ", make("span.ra-tag", {}, each.document),
      typeof each.score === "number" ? make("span.ra-tag", {}, each.score.toFixed(2)) : null,
      make("q", {}, each.region ? "part of a picture" : shortened(each.text, 160)))));
  }

  decide(action) {
    const { n, filter } = this.found;
    const word = action === "accept" ? "accepted" : "rejected";
    const reason = this.reason.value.trim();
    this.outbox.post({ op: "decide_many", filter, action, expected: n, here: this.state.sheet?.id ?? "", ...(reason ? { reason } : {}) }, {
      sheet: this.state.sheet?.id,
      done: (reply) => this.state.say(`${counting(reply.decided ?? n, "proposal")} ${word}. Ctrl+Z takes it back.`),
    });
    this.dialog.close();
  }
}
