// A shim of the widget's model over functions that Python exposes, and ears outside the panel.
// As a notebook loads the panel: one text. With ?plain as the browser's own page does: modules.
const { render } = location.search === "?plain"
  ? await import("/static/widget.js")
  : (await import("/joined.js")).default;

const handlers = new Set();
globalThis.deliver = (text) => handlers.forEach((heard) => heard(JSON.parse(text)));
globalThis.leaked = [];
addEventListener("keydown", (event) => leaked.push(event.key));

globalThis.mount = () => {
  const model = {
    get: () => undefined, set: () => {}, save_changes: () => {},
    on: (name, heard) => handlers.add(heard), off: (name, heard) => handlers.delete(heard),
    send: (message) => toPython(JSON.stringify(message)).then((replies) => replies.forEach(deliver)),
  };
  const host = document.getElementById("host");
  globalThis.unmount = render({ model, el: host });
};
mount();
