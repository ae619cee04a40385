/** Within about this time all connections are read whose rest is over, evenly over the turns of the event loop. */
const READ_WITHIN_MS = 250;
/** Connections that are read in one turn, at least and at most: between two turns a batch goes on. */
const FEWEST_PER_TURN = 4;
const MOST_PER_TURN = 32;
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
  let readMs = monotonic();

  function readSome(): void {
    const nowMs = monotonic();
    const share = Math.ceil((due.length * (nowMs - readMs)) / READ_WITHIN_MS);
    readMs = nowMs;
    const overdue = due.findIndex(({ sinceMs }) => nowMs - sinceMs < LONGEST_DUE_MS);
    const count = Math.max(clamp(share), overdue < 0 ? due.length : overdue);
    for (const { socket } of due.splice(0, count)) socket.resume();
    if (due.length > 0) setImmediate(readSome);
  }

  return {
    /** Reads a paused socket again after its rest, when it is its turn. */
    begin(socket: PausableSocket, restMs: number): void {
      setTimeout(() => {
        const nowMs = monotonic();
        if (due.push({ socket, sinceMs: nowMs }) > 1) return;
        readMs = nowMs;
        setImmediate(readSome);
      }, restMs).unref();
    },
  };
}

function clamp(count: number): number {
  return Math.min(Math.max(count, FEWEST_PER_TURN), MOST_PER_TURN);
}
