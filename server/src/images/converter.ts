import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Log } from '#server/log.ts';
import type { CardRequest, ConversionOutcome, ConversionReply, ConversionRequest } from './conversion.ts';

const PROGRAM = join(import.meta.dirname, 'conversion-program.ts');
/** Fifty megapixels take seconds; a machine with a sale on it is given time. */
const LONGEST_MS = 60_000;
/** Cards are refused beyond; uploads have a bound of their own. */
const MOST_WAITING = 10;
/** One arena keeps the memory of one thread's decoder together. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '1' };

interface ConverterOptions {
  /** Monotonic milliseconds. */
  monotonic: () => number;
  log: Log;
}

/** Converts pictures one after another, each in a process of its own that ends with it. */
export function createConverter({ monotonic, log }: ConverterOptions) {
  const counts = { converted: 0, refused: 0, failed: 0, seconds: 0, bytes: 0, peakBytes: 0 };
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  /** In turn, so that one picture at a time takes memory and a processor. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    waiting += 1;
    const outcome = last.then(run).finally(() => (waiting -= 1));
    last = outcome.catch(() => undefined);
    return outcome;
  }

  async function runConversion(bytes: Uint8Array): Promise<ConversionOutcome> {
    const startMs = monotonic();
    const reply = await replyTo({ kind: 'upload', bytes });
    counts.seconds += (monotonic() - startMs) / 1_000;
    counts.bytes += bytes.length;
    if (!reply || reply.result instanceof Uint8Array) {
      counts.failed += 1;
      log.warn({ bytes: bytes.length }, 'The conversion of a picture has ended without an answer; it is refused');
      return { ok: false, code: 'unreadable', message: 'The picture could not be converted' };
    }
    counts[reply.result.ok ? 'converted' : 'refused'] += 1;
    counts.peakBytes = Math.max(counts.peakBytes, reply.peakBytes);
    return reply.result;
  }

  return {
    counts,
    convert: (bytes: Uint8Array): Promise<ConversionOutcome> => inTurn(() => runConversion(bytes)),
    /** The card of a shared link as JPEG; null if too much waits, or it could not be drawn. */
    async drawCard(card: CardRequest): Promise<Uint8Array | null> {
      if (waiting >= MOST_WAITING) return null;
      const reply = await inTurn(() => replyTo({ kind: 'card', card }));
      return reply?.result instanceof Uint8Array ? reply.result : null;
    },
  };
}

export type Converter = ReturnType<typeof createConverter>;

/** The reply of a new process; null if it ends or is stopped before. */
function replyTo(request: ConversionRequest): Promise<ConversionReply | null> {
  return new Promise((resolve) => {
    const child = fork(PROGRAM, {
      serialization: 'advanced',
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
    let reply: ConversionReply | null = null;
    child.once('message', (message) => void (reply = message as ConversionReply));
    child.once('error', () => child.kill('SIGKILL'));
    child.once('close', () => {
      clearTimeout(timer);
      resolve(reply);
    });
    child.send(request, () => undefined);
  });
}
