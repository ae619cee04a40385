import type { SleepOrAbort } from '#server/sleep.ts';

/**
 * From the most urgent: mails that somebody waits for (an offer, a link to an account), changes of what was bought, and
 * confirmations of what the page has shown already.
 */
export const URGENCIES = ['awaited', 'change', 'bulk'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** The time between two mails of one server. */
const GAP_MS = 20;
/** The same while commands wait: bookings have priority over mails. */
const BUSY_GAP_MS = 250;
/** The same once no command has waited for QUIET_AFTER_MS. */
const QUIET_GAP_MS = 5;
const QUIET_AFTER_MS = 1_000;
/** A mail starts when no command has been in a queue for this long, or after it has waited for LONGEST_YIELD_MS. */
const IDLE_MS = 5;
const LONGEST_YIELD_MS = 100;
/**
 * Mails that have been late for so long wait half as long for commands, after twice that time a third: the first minute
 * of a sale belongs to the buyers, and a steady load must not keep mails for ever.
 */
const PATIENCE_MS = 10_000;
/** Mails count as late from the moment one had to wait, until none has come for this long after its turn. */
const ON_TIME_AFTER_MS = 1_000;
/** Mails on their way to the mail server at once. */
const CONNECTIONS = 4;
/** The same once no command has waited for QUIET_AFTER_MS. */
export const MOST_CONNECTIONS = 8;
/** Of so many mails one is of the least urgent that wait: ten thousand changes must not stop all confirmations. */
const LEAST_URGENT_EVERY = 5;

export interface MailPaceOptions {
  /** Whether commands wait in an event queue. */
  busy: () => boolean;
  /** For how long no event queue has had a command, waiting or in a batch. */
  idleMs: () => number;
  sleepOrAbort: SleepOrAbort;
  monotonic: () => number;
}

export type MailPace = ReturnType<typeof createMailPace>;

/** Spaces the mails of all jobs of this process, the most urgent first: a sold-out event must not slow the next sale. */
export function createMailPace({ busy, idleMs, sleepOrAbort, monotonic }: MailPaceOptions) {
  const waiting: Record<Urgency, (() => void)[]> = { awaited: [], change: [], bulk: [] };
  const never = new AbortController().signal;
  let sending = 0;
  let started = 0;
  let nextAtMs = -Infinity;
  let busyAtMs = monotonic();
  let lateSinceMs = -Infinity;
  let isStarting = false;

  /** Calls `send` when its mail may go. Rejects if the signal aborts before. */
  async function run(urgency: Urgency, signal: AbortSignal, send: () => Promise<void>): Promise<void> {
    signal.throwIfAborted();
    await wait(waiting[urgency], signal);
    try {
      await send();
    } finally {
      sending -= 1;
      void startWaiting();
    }
  }

  function wait(queue: (() => void)[], signal: AbortSignal): Promise<void> {
    if (!hasWaiting() && monotonic() - nextAtMs >= ON_TIME_AFTER_MS) lateSinceMs = monotonic();
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.splice(queue.indexOf(start), 1);
        reject(signal.reason as Error);
      };
      const start = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      queue.push(start);
      void startWaiting();
    });
  }

  /** Starts waiting mails, one after each gap, until none waits or all connections are in use. */
  async function startWaiting(): Promise<void> {
    if (isStarting) return;
    isStarting = true;
    while (hasWaiting() && sending < (isQuiet() ? MOST_CONNECTIONS : CONNECTIONS)) {
      const gapMs = nextAtMs - monotonic();
      if (gapMs > 0) await sleepOrAbort(gapMs, never);
      // While commands wait the gap is long enough already.
      if (!busy() && idleMs() < IDLE_MS) await yieldToCommands();
      startNext();
    }
    isStarting = false;
  }

  /** A mail reads and writes as much as a booking: it starts between two commands rather than beside one. */
  async function yieldToCommands(): Promise<void> {
    for (let waitedMs = 0; idleMs() < IDLE_MS && waitedMs < LONGEST_YIELD_MS * patience(); waitedMs += IDLE_MS)
      await sleepOrAbort(IDLE_MS, never);
  }

  function hasWaiting(): boolean {
    return URGENCIES.some((urgency) => waiting[urgency].length > 0);
  }

  function startNext(): void {
    started += 1;
    const order = started % LEAST_URGENT_EVERY === 0 ? URGENCIES.toReversed() : URGENCIES;
    const start = order
      .map((urgency) => waiting[urgency])
      .find((queue) => queue.length > 0)
      ?.shift();
    if (!start) return;
    nextAtMs = monotonic() + gapAfterMail();
    sending += 1;
    start();
  }

  function gapAfterMail(): number {
    if (busy()) {
      busyAtMs = monotonic();
      return Math.max(GAP_MS, BUSY_GAP_MS * patience());
    }
    return isQuiet() ? QUIET_GAP_MS : GAP_MS;
  }

  /** The part of the usual time for which mails wait for commands: 1, and less the longer they have been late. */
  function patience(): number {
    return PATIENCE_MS / (PATIENCE_MS + monotonic() - lateSinceMs);
  }

  function isQuiet(): boolean {
    return monotonic() - busyAtMs >= QUIET_AFTER_MS;
  }

  return { run };
}
