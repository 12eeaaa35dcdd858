// The entry for a notebook: anywidget gives a model, of which only messages are used, so that no
// participant's word comes to lie in a saved notebook.

import { Panel } from "./panel.js";

/** @param {{ model: any, el: HTMLElement }} context @returns {() => void} */
export function render({ model, el }) {
  const line = {
    send: (message) => model.send(message),
    listen(take, status) {
      const heard = (message) => take(message);
      model.on("msg:custom", heard);
      queueMicrotask(() => status(true));
      return () => model.off("msg:custom", heard);
    },
  };
  const panel = new Panel(el, line);
  return () => panel.close();
}
