// Two handles at the edges of the active coding, to be drawn with the mouse. Keys and buttons do
// the same by words, so nothing needs a drag.

import { make } from "./dom.js";
import { tidySpan } from "./offsets.js";
import { highlight } from "./selecting.js";

export class Handles {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./textview.js").TextView} view
   * @param {import("./operations.js").Work} work
   */
  constructor(state, view, work) {
    this.state = state;
    this.view = view;
    this.work = work;
    this.start = this.makeHandle("start");
    this.end = this.makeHandle("end");
    for (const subject of ["active", "painted", "sheet"]) state.on(subject, () => this.later());
    this.size = new ResizeObserver(() => this.later());
    this.size.observe(view.paper);
    view.element.addEventListener("scroll", () => this.later(), { passive: true });
  }

  close() {
    this.size.disconnect();
  }

  makeHandle(edge) {
    const handle = make(`span.ra-handle.ra-handle-${edge}`);
    handle.addEventListener("pointerdown", (event) => this.begin(event, edge, handle));
    return handle;
  }

  later() {
    if (this.due || (!this.state.active && !this.start.isConnected)) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.place();
    });
  }

  place() {
    const coding = this.state.activeCoding();
    const block = coding && !coding.region && this.state.sheet.blockAt(coding.start);
    const last = block && this.state.sheet.blockAt(Math.max(coding.end - 1, 0));
    const near = block && (this.view.near.has(block.index) || this.view.near.has(last.index));
    if (!near || coding.layer === "other") {
      this.start.remove();
      this.end.remove();
      return;
    }
    const paper = this.view.paper.getBoundingClientRect();
    const rects = this.view.range(coding.start, coding.end).getClientRects();
    if (!rects.length) return;
    this.put(this.start, rects[0].left - paper.left, rects[0], paper);
    this.put(this.end, rects[rects.length - 1].right - paper.left, rects[rects.length - 1], paper);
  }

  put(handle, x, rect, paper) {
    handle.style.transform = `translate(${Math.round(x)}px, ${Math.round(rect.top - paper.top)}px)`;
    handle.style.height = `${Math.round(rect.height)}px`;
    if (!handle.isConnected) this.view.overlay.append(handle);
  }

  begin(event, edge, handle) {
    event.preventDefault();
    const coding = this.state.activeCoding();
    if (!coding) return;
    handle.setPointerCapture(event.pointerId);
    handle.classList.add("ra-held");
    let span = [coding.start, coding.end];
    const follow = (moved) => {
      handle.style.pointerEvents = "none";
      const offset = this.view.offsetAt(moved.clientX, moved.clientY);
      handle.style.pointerEvents = "";
      if (offset === null) return;
      const [from, to] = edge === "start" ? [Math.min(offset, coding.end - 1), coding.end] : [coding.start, Math.max(offset, coding.start + 1)];
      span = tidySpan(this.state.sheet.text, from, to);
      highlight("ra-drawn", this.view.range(span[0], span[1]));
    };
    const stop = (ended) => {
      handle.removeEventListener("pointermove", follow);
      handle.classList.remove("ra-held");
      highlight("ra-drawn", null);
      if (ended.type === "pointerup") this.work.move(coding, span[0], span[1]);
      this.later();
    };
    handle.addEventListener("pointermove", follow);
    handle.addEventListener("pointerup", stop, { once: true });
    handle.addEventListener("pointercancel", stop, { once: true });
  }
}
