/** Connections whose rest is over that are read in one turn of the event loop: between two turns a batch goes on. */
const READ_PER_TURN = 4;
/** A connection that has waited for its turn so long is read in any case: every command is answered within ten seconds. */
const LONGEST_DUE_MS = 3_000;

/** The WebSocket below a connection, as far as its rest needs it. */
export interface PausableSocket {
  pause(): void;
  resume(): void;
}

/** Connections that are not read for a while, and then a few in each turn of the event loop. */
export function createRests(monotonic: () => number) {
  const due: { socket: PausableSocket; sinceMs: number }[] = [];

  function readSome(): void {
    const nowMs = monotonic();
    const overdue = due.findIndex(({ sinceMs }) => nowMs - sinceMs < LONGEST_DUE_MS);
    const count = Math.max(READ_PER_TURN, overdue < 0 ? due.length : overdue);
    for (const { socket } of due.splice(0, count)) socket.resume();
    if (due.length > 0) setImmediate(readSome);
  }

  return {
    /** Reads a paused socket again after its rest, when it is its turn. */
    begin(socket: PausableSocket, restMs: number): void {
      setTimeout(() => {
        if (due.push({ socket, sinceMs: monotonic() }) === 1) setImmediate(readSome);
      }, restMs).unref();
    },
  };
}
