// The seam for adjudication: coders' layers side by side. A `layers` message comes here.

import { make } from "./dom.js";

export class AdjudicationView {
  /** @param {import("./state.js").State} state @param {import("./outbox.js").Outbox} outbox */
  constructor(state, outbox) {
    this.state = state;
    this.outbox = outbox;
    this.element = make("section.ra-adjudication", { hidden: true, "aria-label": "Adjudication" });
    state.on("message", (message) => { if (message.type === "layers") this.show(message); });
  }

  /** @param {any} message */
  show(message) {
    this.layers = message;
  }
}
