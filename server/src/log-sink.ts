/** Lines kept while they cannot be written; further ones are lost. */
const LIMIT_BYTES = 262_144;
/** The longest piece written at once. */
const PIECE_BYTES = 65_536;
const RETRY_MS = 1_000;

/** Writes what it can of these bytes, later; then calls back with an error, or with the number of bytes written. */
export type WriteBytes = (bytes: Buffer, done: (error: Error | null, written: number) => void) => void;

interface LogSinkOptions {
  writeBytes: WriteBytes;
  /** Called when lines can be written again, with the number of those that were lost meanwhile. */
  recovered(lines: number): void;
}

/**
 * Writes lines without ever waiting, throwing or ending the process: a log that is full, closed or not read must not
 * stop what it reports. Not pino's own destination: on a full disk its `flushSync` sleeps in an endless loop, and on a
 * pipe that is not read each of its writes waits.
 */
export function createLogSink({ writeBytes, recovered }: LogSinkOptions) {
  const lines: string[] = [];
  const settled = new Set<() => void>();
  const counts = { lost: 0 };
  /** Of all lines that are kept, `piece` included. */
  let keptBytes = 0;
  /** What is left of the piece that is being written: a line is continued where its last write ended. */
  let piece: Buffer = Buffer.alloc(0);
  let state: 'idle' | 'writing' | 'failed' = 'idle';
  let lostSinceFailure = 0;

  function addLine(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (keptBytes + bytes > LIMIT_BYTES) {
      counts.lost += 1;
      lostSinceFailure += 1;
      return;
    }
    lines.push(line);
    keptBytes += bytes;
    if (state === 'idle') writeNext();
  }

  function writeNext(): void {
    if (piece.length === 0) piece = nextPiece();
    if (piece.length === 0) return settle('idle');
    state = 'writing';
    writeBytes(piece, onWritten);
  }

  function onWritten(error: Error | null, written: number): void {
    if (error || written === 0) {
      settle('failed');
      setTimeout(writeNext, RETRY_MS).unref();
      return;
    }
    piece = piece.subarray(written);
    keptBytes -= written;
    reportLoss();
    writeNext();
  }

  function reportLoss(): void {
    if (lostSinceFailure === 0) return;
    const lost = lostSinceFailure;
    lostSinceFailure = 0;
    recovered(lost);
  }

  /** Takes lines from the front until the piece is large enough. */
  function nextPiece(): Buffer {
    let count = 0;
    for (let bytes = 0; count < lines.length && bytes < PIECE_BYTES; count += 1) bytes += lines[count]?.length ?? 0;
    return Buffer.from(lines.splice(0, count).join(''));
  }

  function settle(next: 'idle' | 'failed'): void {
    state = next;
    for (const resolve of settled) resolve();
    settled.clear();
  }

  return {
    counts,
    addLine,
    /** Whether a write has begun that the system has not answered. */
    get isWriting(): boolean {
      return state === 'writing';
    },
    /** Resolves when all lines are written, a write has failed, or after `withinMs`. */
    async finish(withinMs: number): Promise<void> {
      if (state !== 'writing') return;
      const { promise, resolve } = Promise.withResolvers<void>();
      settled.add(resolve);
      const timer = setTimeout(resolve, withinMs);
      await promise;
      clearTimeout(timer);
    },
  };
}
