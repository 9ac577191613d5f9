// The wire to the telephone network: the handset protocol of docs/simulator.md over a WebSocket that comes back by itself.

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 8000;

/** Fires "up", "down" and "heard" (its detail is the message). Registers `number`, so that calls to it ring here. */
export class Line extends EventTarget {
  #url;
  #socket = null;
  #waitMs = FIRST_WAIT_MS;

  constructor(url, number) {
    super();
    this.#url = url;
    this.number = number;
  }

  get isUp() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#waitMs = FIRST_WAIT_MS;
      this.register(this.number);
      this.dispatchEvent(new Event("up"));
    });
    socket.addEventListener("message", (message) => {
      this.dispatchEvent(new CustomEvent("heard", { detail: JSON.parse(message.data) }));
    });
    socket.addEventListener("close", () => {
      this.dispatchEvent(new Event("down"));
      setTimeout(() => this.connect(), this.#waitMs);
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    });
  }

  register(number) {
    this.number = number;
    this.do("register", { number });
  }

  /** Tell the network what this telephone does; lost while the line is down. */
  do(what, details = {}) {
    if (this.isUp) this.#socket.send(JSON.stringify({ do: what, ...details }));
  }
}
