// The seam for photo-voice: the picture of a document beside its caption. Shown with its
// alternative text; drawing rectangles is added here.

import { make } from "./dom.js";

export class PictureView {
  /** @param {import("./state.js").State} state @param {import("./operations.js").Work} work */
  constructor(state, work) {
    this.state = state;
    this.work = work;
    this.element = make("figure.ra-picture", { hidden: true });
    state.on("sheet", () => this.mount());
  }

  mount() {
    const { picture } = this.state.sheet;
    this.element.hidden = !picture;
    this.element.replaceChildren();
    if (!picture) return;
    this.element.append(picture.src
      ? make("img", { src: picture.src, alt: picture.alt ?? "", width: picture.width, height: picture.height })
      : make("p", {}, picture.alt ? `The picture cannot be shown here: ${picture.alt}` : "The picture cannot be shown here."));
  }
}
