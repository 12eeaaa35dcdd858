// The entry for the page of its own: the same panel over a websocket that comes back by itself.

import { Panel } from "./panel.js";

const SOONEST = 300;
const LATEST = 5000;
const EVERY = 15000;

/** A line that is drawn again whenever it breaks. @param {URL} address */
export function socketLine(address) {
  let socket = null;
  let wait = SOONEST;
  return {
    send(message) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    listen(take, status) {
      let ended = false;
      const draw = () => {
        socket = new WebSocket(address);
        socket.addEventListener("open", () => { wait = SOONEST; status(true); });
        socket.addEventListener("message", (event) => take(JSON.parse(event.data)));
        socket.addEventListener("close", () => {
          status(false);
          if (!ended) setTimeout(draw, wait);
          wait = Math.min(wait * 2, LATEST);
        });
      };
      draw();
      return () => { ended = true; socket?.close(); };
    },
  };
}

const place = document.getElementById("panel");
if (place) {
  const address = new URL("ws", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.search = location.search;
  place.classList.add("ra-alone");
  document.body.classList.add("ra-page");
  const panel = new Panel(place, socketLine(address), { focus: true, every: EVERY });
  addEventListener("beforeunload", (event) => { if (panel.outbox.waiting) event.preventDefault(); });
}
