// From the browser's selection to offsets and back. The text is the truth: each run knows where
// it begins, so that an offset never depends on how a block is drawn.

/** The selection, also where the panel lies in a shadow root. @param {Node} element */
export function selectionIn(element) {
  const root = element.getRootNode();
  if (typeof root.getSelection === "function") return root.getSelection();
  return document.getSelection();
}

/** The ends of the selection; composed ranges where a browser hides a shadow root's. */
export function selectionEnds(body) {
  const selection = selectionIn(body);
  if (!selection) return null;
  let ends = {
    anchor: selection.anchorNode, anchorAt: selection.anchorOffset,
    focus: selection.focusNode, focusAt: selection.focusOffset,
  };
  const root = body.getRootNode();
  if (root instanceof ShadowRoot && !body.contains(ends.anchor) && selection.getComposedRanges) {
    const [range] = selection.getComposedRanges({ shadowRoots: [root] });
    if (range) {
      ends = {
        anchor: range.startContainer, anchorAt: range.startOffset,
        focus: range.endContainer, focusAt: range.endOffset,
      };
    }
  }
  if (!ends.anchor || !body.contains(ends.anchor) || !body.contains(ends.focus)) return null;
  return ends;
}

/**
 * The offset of a place in the document's tree.
 * @param {HTMLElement} body @param {Node} node @param {number} at
 * @param {import("./blocks.js").Block[]} blocks @returns {number}
 */
export function offsetOf(body, node, at, blocks) {
  if (node === body) {
    if (!blocks.length) return 0;
    return at < body.childNodes.length ? startOf(body.childNodes[at]) : blocks[blocks.length - 1].end;
  }
  if (node.nodeType === Node.TEXT_NODE) return startOf(node) + Math.min(at, node.data.length);
  const children = node.childNodes;
  if (at < children.length) return startOf(children[at]);
  return node.lastChild ? endOf(node.lastChild) : startOf(node);
}

/** Where the words of a node begin: a block, a run or the text of either. */
function startOf(node) {
  if (node.raStart !== undefined) return node.raStart;
  return node.parentNode?.raStart ?? 0;
}

function endOf(node) {
  if (node.lastChild?.nodeType === Node.ELEMENT_NODE) return endOf(node.lastChild);
  return startOf(node) + node.textContent.length;
}

/**
 * The place in the tree of an offset.
 * @param {HTMLElement} element  of the block in which the offset lies @param {number} offset
 * @returns {[Node, number]}
 */
export function placeOf(element, offset) {
  let child = element.firstChild;
  if (!child) return [element, 0];
  while (child.nextSibling && startOf(child.nextSibling) <= offset) child = child.nextSibling;
  const text = child.nodeType === Node.TEXT_NODE ? child : child.firstChild;
  return [text, Math.max(0, Math.min(offset - startOf(child), text.data.length))];
}

/** The place under a point of the window, or nothing. @returns {[Node, number]|null} */
export function placeAtPoint(body, x, y) {
  const root = body.getRootNode();
  if (document.caretPositionFromPoint) {
    const shadowRoots = root instanceof ShadowRoot ? [root] : [];
    const found = document.caretPositionFromPoint(x, y, { shadowRoots });
    return found && body.contains(found.offsetNode) ? [found.offsetNode, found.offset] : null;
  }
  const range = (root.caretRangeFromPoint ? root : document).caretRangeFromPoint?.(x, y);
  return range && body.contains(range.startContainer) ? [range.startContainer, range.startOffset] : null;
}

/** Colour words that are held while the focus is elsewhere. @param {string} name @param {Range|null} range */
export function highlight(name, range) {
  if (!globalThis.CSS?.highlights) return;
  if (range) CSS.highlights.set(name, new Highlight(range));
  else CSS.highlights.delete(name);
}
