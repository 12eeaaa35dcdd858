// The text in the middle. Every block holds its words from the start; blocks lie in chunks of a few
// screens, of which the browser lays out only those near the view. Lines are drawn only in blocks
// of these, and only touched blocks are drawn anew. The text cannot be changed:
// contenteditable gives a native caret, and every edit is refused or taken back.

import { blocksWithin } from "./blocks.js";
import { arrange, gathered, keepKeys, make } from "./dom.js";
import { LANE, colourOf, paintLines, roomAbove, runsOf, sideOf } from "./marks.js";
import { highlight, offsetOf, placeAtPoint, placeOf, selectionEnds, selectionIn } from "./selecting.js";

const CHUNK = 2500; // characters
const REFUSED = ["beforeinput", "paste", "drop", "cut", "dragstart"];

/** The answer that begins with a block, if its question is known. */
function sheetAnswer(sheet, block) {
  return sheet.answers.find((each) => each.start === block.start);
}

export class TextView {
  /** @param {import("./state.js").State} state */
  constructor(state) {
    this.state = state;
    this.body = this.makeBody();
    this.overlay = make("div.ra-overlay", { "aria-hidden": "true" });
    this.paper = make("div.ra-paper", {}, this.body, this.overlay);
    this.element = make("div.ra-scroll", {}, this.paper);
    /** @type {HTMLElement[]} */
    this.elements = [];
    /** @type {any[]} */
    this.chunks = [];
    this.drawn = new Set();
    this.near = new Set();
    this.dirty = new Set();
    this.drawSoon = gathered(() => this.drawDirty());
    this.quiet = -1;
    this.drawing = 0; // how often names and looks of the codes changed
    this.watch = new IntersectionObserver((entries) => this.seen(entries), {
      root: null, rootMargin: "400px", scrollMargin: "400px",
    });
    this.listen();
  }

  makeBody() {
    const body = make("div.ra-body", {
      contenteditable: "true", role: "textbox", "aria-readonly": "true", "aria-multiline": "true",
      "aria-label": "Text to code", tabindex: "0", spellcheck: "false", autocorrect: "off",
      autocapitalize: "off", inputmode: "none", "data-gramm": "false",
    });
    keepKeys(body);
    for (const kind of REFUSED) body.addEventListener(kind, (event) => event.preventDefault());
    body.addEventListener("input", () => this.restore());
    body.addEventListener("compositionend", () => this.restore());
    return body;
  }

  listen() {
    this.onSelection = () => this.takeSelection();
    document.addEventListener("selectionchange", this.onSelection);
    this.body.addEventListener("blur", () => this.hold(true));
    this.body.addEventListener("focus", () => this.hold(false));
    // A class, and not `:has`: each change of the text would ask for it anew.
    for (const [kind, on] of [["focus", true], ["blur", false]]) {
      this.body.addEventListener(kind, () => this.element.parentNode?.classList.toggle("ra-in", on));
    }
    this.onPrint = () => this.elements.forEach((_, index) => { if (!this.drawn.has(index)) this.draw(index); });
    addEventListener("beforeprint", this.onPrint);
    this.body.addEventListener("mousemove", (event) => this.hover(event));
    this.body.addEventListener("mouseleave", () => this.state.tell("hover", null));
    this.state.on("sheet", ({ again, carry }) => this.mount(again, carry));
    this.state.on("codings", (blocks) => this.redraw(blocks));
    this.state.on("codebook", () => { this.drawing += 1; this.redraw(new Set(this.drawn)); });
    this.state.on("active", (before) => this.redrawActive(before));
  }

  close() {
    document.removeEventListener("selectionchange", this.onSelection);
    removeEventListener("beforeprint", this.onPrint);
    this.watch.disconnect();
    highlight("ra-held", null);
  }

  /** Show the open document from its beginning; the same one again where one was. */
  mount(again = false, carry = null) {
    const sheet = this.state.sheet;
    const top = again ? this.element.scrollTop : 0;
    const first = carry ? this.firstSeen() : null;
    this.watch.disconnect();
    this.drawn.clear();
    this.dirty.clear();
    this.near.clear();
    this.overlay.replaceChildren();
    highlight("ra-held", null);
    this.elements = sheet.blocks.map((block) => this.makeBlock(block));
    this.chunks = this.makeChunks();
    this.body.replaceChildren(...this.chunks);
    this.body.classList.toggle("ra-turned", sheet.blocks.some((block) => block.turn));
    this.element.scrollTop = top;
    for (const chunk of this.chunks) this.watch.observe(chunk);
    if (first && sheet.blocks.length) {
      const block = this.elements[sheet.blockAt(carry(first.start)).index];
      this.element.scrollTop += block.getBoundingClientRect().top - first.top;
    }
    if (again && this.focused()) this.setEnds(this.state.selection?.start ?? this.state.caret, this.state.selection?.end);
  }

  /** Where the first block in view begins, in the text and on the screen; nothing at the very top. */
  firstSeen() {
    if (!this.element.scrollTop) return null;
    const { top } = this.element.getBoundingClientRect();
    const block = this.elements.find((each) => each.getBoundingClientRect().bottom > top);
    return block ? { start: block.raStart, top: block.getBoundingClientRect().top } : null;
  }

  /** Blocks in chunks, each with the height that it may have. */
  makeChunks() {
    const chunks = [];
    let chunk = null;
    for (const block of this.state.sheet.blocks) {
      if (!chunk || block.end - chunk.raStart > CHUNK) {
        chunk = make("div.ra-chunk");
        Object.assign(chunk, { raStart: block.start, raBlocks: [], raHeight: 0 });
        chunks.push(chunk);
      }
      const element = this.elements[block.index];
      chunk.append(element);
      chunk.raBlocks.push(block.index);
      chunk.raHeight += this.guess(block);
    }
    for (const each of chunks) each.style.containIntrinsicBlockSize = `auto ${Math.round(each.raHeight)}px`;
    return chunks;
  }

  guess(block) {
    const depth = this.state.sheet.depthOf(block.index);
    const leading = 31 + Math.max(0, depth.under + depth.over - 1) * LANE;
    return Math.ceil((block.end - block.start) / 68) * leading + (block.gap ? 20 : 10);
  }

  /** @param {import("./blocks.js").Block} block */
  makeBlock(block) {
    const element = document.createElement("p");
    element.className = "ra-block";
    element.raStart = block.start;
    element.raIndex = block.index;
    element.append(document.createTextNode(this.state.sheet.text.slice(block.start, block.end)));
    if (block.gap) element.classList.add("ra-gap");
    if (block.continued) element.classList.add("ra-continued");
    if (block.level) {
      element.classList.add("ra-heading");
      element.setAttribute("role", "heading");
      element.setAttribute("aria-level", String(Math.min(block.level + 2, 6)));
    }
    if (block.label) element.classList.add("ra-label");
    if (block.aside) element.classList.add("ra-aside");
    if (block.turn) {
      element.classList.add("ra-turn");
      if (!block.turn.speaker) element.classList.add("ra-labelled");
      element.dataset.speaker = block.turn.speaker;
      element.dataset.at = block.aside ? `${block.turn.at} not coded`.trim() : block.turn.at;
    }
    const answer = sheetAnswer(this.state.sheet, block);
    if (answer) {
      element.classList.add("ra-answer");
      element.dataset.question = answer.question;
    }
    if (block.quoted !== null) {
      element.classList.add("ra-foreign");
      element.dataset.by = block.quoted ? `${block.quoted} – not coded` : "another’s words – not coded";
    }
    this.sizeBlock(element, block);
    return element;
  }

  /** The leading of a block, which its lines need, drawn or not. */
  sizeBlock(element, block) {
    const depth = this.state.sheet.depthOf(block.index);
    const extra = Math.max(0, depth.under + depth.over - 1) * LANE;
    const key = depth.under * 1000 + depth.over;
    if (key !== (element.raDepth ?? 0)) {
      element.style.lineHeight = extra ? `calc(1.72em + ${extra}px)` : "";
      element.raDepth = key;
      // What the first and the last line need beyond their leading, so that nothing is clipped.
      const room = 4 + extra / 2;
      element.style.paddingBottom = depth.under * LANE > room ? `${depth.under * LANE - room}px` : "";
      const above = roomAbove(depth.over);
      element.style.paddingTop = above > room ? `${above - room}px` : "";
    }
    return depth;
  }

  /** Blocks of a chunk that comes near the view are drawn, unless they are. */
  seen(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!target.isConnected) continue;
      for (const index of target.raBlocks) {
        if (!isIntersecting) this.near.delete(index);
        else if (!this.near.has(index)) {
          this.near.add(index);
          if (!this.drawn.has(index)) this.redraw([index]);
        }
      }
    }
  }

  /** Draw touched blocks: now where they are near, later where they come near. */
  redraw(blocks) {
    const sheet = this.state.sheet;
    for (const index of blocks ?? []) {
      this.drawn.delete(index);
      if (this.near.has(index)) this.dirty.add(index);
      else if (this.elements[index]) this.sizeBlock(this.elements[index], sheet.blocks[index]);
    }
    this.drawSoon();
  }

  /** Once for all that a key changed: a selection that is set again makes the browser lay out. */
  drawDirty() {
    const blocks = [...this.dirty].filter((index) => this.elements[index]);
    this.dirty.clear();
    const keep = blocks.some((index) => this.holdsEnd(this.elements[index])) ? this.ends() : null;
    for (const index of blocks) this.draw(index);
    if (keep) this.keepEnds(keep);
    this.state.tell("painted");
  }

  redrawActive(before) {
    const sheet = this.state.sheet;
    if (!sheet) return;
    const touched = new Set();
    for (const id of [before, this.state.active]) {
      const coding = id ? sheet.codings.get(id) : null;
      if (!coding) continue;
      for (const block of blocksWithin(sheet.blocks, coding.start, coding.end)) touched.add(block.index);
    }
    this.redraw(touched);
  }

  /** @param {number} index */
  draw(index) {
    const sheet = this.state.sheet;
    const block = sheet.blocks[index];
    const element = this.elements[index];
    const depth = this.sizeBlock(element, block);
    const codings = [...sheet.byBlock[index]].filter((each) => sideOf(each));
    const quoted = sheet.quoted.filter((each) => each.start < block.end && each.end > block.start);
    this.drawn.add(index);
    if (!codings.length && !quoted.length) {
      if (element.childNodes.length !== 1 || element.firstChild.nodeType !== Node.TEXT_NODE) {
        element.replaceChildren(document.createTextNode(sheet.words(block)));
      }
    } else {
      const known = new Map([...element.children].map((each) => [each.raKey, each]));
      arrange(element, runsOf(block, codings, quoted).map((run) => this.runFor(run, depth, known)));
    }
  }

  /** The run as it is drawn already, if nothing of it changed; else anew. @param {Map<string, HTMLElement>} known */
  runFor(run, depth, known) {
    const { lanes } = this.state.sheet;
    const lines = run.codings.map((each) => [each.start, each.end, each.code, each.layer, each.status, each.coder,
      lanes.get(each.id) ?? 0, each.id === this.state.active]);
    const key = JSON.stringify([run.start, run.end, Boolean(run.quoted), depth.under, depth.over, this.drawing, lines]);
    const element = known.get(key) ?? this.makeRun(run, depth);
    element.raKey = key;
    element.raCodings = run.codings;
    return element;
  }

  makeRun(run, depth) {
    const element = document.createElement("span");
    element.raStart = run.start;
    element.raCodings = run.codings;
    element.append(document.createTextNode(this.state.sheet.text.slice(run.start, run.end)));
    if (run.quoted) element.className = "ra-quoted";
    if (run.codings.length) {
      element.classList.add("ra-run");
      element.setAttribute("role", "mark"); // a screen reader says that it is coded, and what with
      element.setAttribute("aria-description", run.codings.map((coding) => this.wordsOf(coding)).join(", "));
      const lines = run.codings.map((coding) => this.lineOf(coding, run));
      const active = run.codings.find((coding) => coding.id === this.state.active);
      const colour = active ? colourOf(this.state.codes.get(active.code)) : "";
      if (active) element.classList.add("ra-active");
      paintLines(element, lines, depth, active ? `color-mix(in srgb, ${colour} 20%, var(--ra-paper))` : "");
    }
    return element;
  }

  wordsOf(coding) {
    const name = this.state.nameOf(coding.code);
    return coding.layer === "proposed" && coding.status === "current" ? `${name}, proposed` : name;
  }

  lineOf(coding, run) {
    return {
      lane: this.state.sheet.lanes.get(coding.id) ?? 0,
      side: sideOf(coding),
      code: this.state.codes.get(coding.code),
      begins: coding.start === run.start && coding.start > 0,
      opens: coding.start === run.start,
      closes: coding.end === run.end,
      faint: coding.layer === "other",
    };
  }

  // ── selection ──

  /** The selection as offsets, in its direction. @returns {{anchor: number, focus: number}|null} */
  ends() {
    const found = selectionEnds(this.body);
    const blocks = this.state.sheet?.blocks;
    if (!found || !blocks) return null;
    return {
      anchor: offsetOf(this.body, found.anchor, found.anchorAt, blocks),
      focus: offsetOf(this.body, found.focus, found.focusAt, blocks),
    };
  }

  /** Whether the selection begins or ends in a block. */
  holdsEnd(element) {
    const found = selectionEnds(this.body);
    return Boolean(found) && (element.contains(found.anchor) || element.contains(found.focus));
  }

  takeSelection() {
    if (!this.body.isConnected || !this.focused()) return;
    // A dialog that closes gives the focus back with a caret of the browser's own, before `focus`
    // puts the selection where it was.
    if (this.body.getRootNode().querySelector("dialog.ra-dialog")) return;
    const ends = this.ends();
    if (!ends) return;
    const { anchor, focus } = ends;
    const moved = this.state.caret !== focus;
    this.state.caret = focus;
    if (anchor !== focus) {
      this.quiet = -1;
      this.state.select({ start: Math.min(anchor, focus), end: Math.max(anchor, focus) });
      return;
    }
    this.state.select(null);
    if (focus === this.quiet) return;
    this.quiet = -1;
    if (moved || !this.state.active) this.state.tell("caret", focus);
  }

  focused() {
    return this.body.getRootNode().activeElement === this.body;
  }

  /** The selection as it was, unless it still is: to set it again makes the browser lay out. */
  keepEnds({ anchor, focus }) {
    const now = this.ends();
    if (now?.anchor !== anchor || now.focus !== focus) this.setEnds(anchor, focus);
  }

  /** Select from one offset to another without telling of a moved caret. */
  setEnds(anchor, focus = anchor) {
    if (!this.elements.length) return;
    const [from, fromAt] = this.place(anchor);
    const [to, toAt] = this.place(focus);
    this.quiet = anchor === focus ? focus : -1;
    selectionIn(this.body)?.setBaseAndExtent(from, fromAt, to, toAt);
  }

  /** @param {number} offset @returns {[Node, number]} */
  place(offset) {
    const block = this.state.sheet.blockAt(offset);
    return placeOf(this.elements[block.index], offset);
  }

  range(start, end) {
    const range = document.createRange();
    range.setStart(...this.place(start));
    const [node, at] = this.place(Math.max(end - 1, start));
    range.setEnd(node, Math.min(at + (end > start ? 1 : 0), node.data?.length ?? 0));
    return range;
  }

  /** Back into the text, with what was selected. */
  focus() {
    const { selection, caret } = this.state;
    this.body.focus({ preventScroll: true });
    if (selection) this.setEnds(selection.start, selection.end);
    else this.setEnds(caret);
  }

  /** Show what is selected while the focus is elsewhere. @param {boolean} away */
  hold(away) {
    const span = this.state.selection;
    highlight("ra-held", away && span && this.elements.length ? this.range(span.start, span.end) : null);
  }

  clearSelection(caret) {
    this.state.select(null);
    this.state.caret = caret;
    highlight("ra-held", null);
    if (this.focused()) this.setEnds(caret);
  }

  /** Bring a span into the middle third of the view. */
  reveal(start, end) {
    const block = this.elements[this.state.sheet.blockAt(start).index];
    if (!block) return;
    block.scrollIntoView({ block: "nearest" });
    const view = this.element.getBoundingClientRect();
    const rect = this.range(start, end).getBoundingClientRect();
    if (this.element.scrollHeight <= this.element.clientHeight + 1) return;
    const margin = Math.min(view.height / 4, 120);
    if (rect.top < view.top + margin || rect.bottom > view.bottom - margin) {
      this.element.scrollTop += rect.top - view.top - view.height / 3;
    }
  }

  /** The offset under a point. @returns {number|null} */
  offsetAt(x, y) {
    const place = placeAtPoint(this.body, x, y);
    return place ? offsetOf(this.body, place[0], place[1], this.state.sheet.blocks) : null;
  }

  hover(event) {
    const codings = event.target.raCodings;
    this.state.tell("hover", codings?.length ? codings : null);
  }

  /** An edit that could not be refused (a dead key, an input method) is taken back. */
  restore() {
    const sheet = this.state.sheet;
    if (!sheet) return;
    const { caret } = this.state;
    const same = (parent, wanted) => parent.childNodes.length === wanted.length
      && wanted.every((each, k) => parent.childNodes[k] === each);
    if (!same(this.body, this.chunks)) this.body.replaceChildren(...this.chunks);
    for (const chunk of this.chunks) {
      const wanted = chunk.raBlocks.map((index) => this.elements[index]);
      if (!same(chunk, wanted)) chunk.replaceChildren(...wanted);
    }
    this.elements.forEach((element, index) => {
      if (element.textContent === sheet.words(sheet.blocks[index])) return;
      element.replaceChildren(document.createTextNode(sheet.words(sheet.blocks[index])));
      this.draw(index);
    });
    this.setEnds(Math.min(caret, sheet.text.length));
  }
}
