// The guide for the first week, as Python gives it: headings, paragraphs and one table of Markdown.

import { freshId, make } from "./dom.js";

/** Words with `code` and *stress*. @param {string} line @returns {(Node|string)[]} */
function spoken(line) {
  return line.split(/(`[^`]+`|\*[^*]+\*)/).map((part) => {
    if (part.startsWith("`")) return make("code", {}, part.slice(1, -1));
    if (part.startsWith("*")) return make("em", {}, part.slice(1, -1));
    return part;
  });
}

function makeRows(lines) {
  const cells = (line) => line.split("|").slice(1, -1).map((each) => each.trim());
  const [head, , ...rows] = lines;
  return make("table", {}, make("thead", {}, make("tr", {}, ...cells(head).map((each) => make("th", { scope: "col" }, each)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...cells(row).map((each, k) => make(k ? "td" : "th", k ? {} : { scope: "row" }, ...spoken(each)))))));
}

/** @param {string} text  Markdown @param {string} id  of its title @returns {Node[]} */
export function guideParts(text, id) {
  return text.trim().split(/\n\s*\n|\n(?=#)|(?<=^#[^\n]*)\n/m).map((part) => part.trim()).filter(Boolean).map((part) => {
    if (part.startsWith("## ")) return make("h4", {}, part.slice(3));
    if (part.startsWith("# ")) return make("h3", { id }, part.slice(2));
    if (part.startsWith("|")) return makeRows(part.split("\n"));
    return make("p", {}, ...spoken(part));
  });
}

/** @param {HTMLElement} root @param {string} text */
export function showGuide(root, text) {
  const id = freshId("guide");
  return new Promise((resolve) => {
    const close = make("button.ra-quiet", { onclick: () => dialog.close() }, "Close ", make("kbd", {}, "Esc"));
    const dialog = make("dialog.ra-dialog.ra-guide", { "aria-labelledby": id, onkeydown: (event) => event.stopPropagation() },
      make("div.ra-guide-text", { tabindex: "0" }, ...guideParts(text, id)), make("div.ra-line", {}, make("span.ra-space"), close));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    root.append(dialog);
    dialog.showModal();
  });
}
