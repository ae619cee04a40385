import type { Log } from '#server/log.ts';

/** The part of `process` that a shutdown uses. */
interface HostProcess {
  on(event: string, listener: (detail: unknown) => void): unknown;
  exit(code: number): void;
}

interface ShutdownOptions {
  host: HostProcess;
  log: Pick<Log, 'info' | 'error' | 'fatal'>;
  /** Milliseconds from any fixed point. */
  monotonic: () => number;
  /** Kills the process after so many milliseconds, from outside its event loop, which may be stuck by then. */
  killAfter(ms: number): void;
}

/** Time for open commands, sockets and the database to close; the contract promises an end within 10 s. */
const GRACE_MS = 9_500;
const KILL_MS = 9_900;

/** One Ctrl-C arrives several times within this time: from the terminal, from npm and from the start script. */
const SAME_SIGNAL_MS = 500;

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/**
 * Ends the process cleanly: after a signal with code 0, after an uncaught defect with code 1. Closes what was opened
 * in reverse order. A second signal, or steps that take too long, end the process at once with code 1; if not even that
 * is possible, it is killed.
 */
export function createShutdown({ host, log, monotonic, killAfter }: ShutdownOptions) {
  const steps: (() => Promise<void>)[] = [];
  let startedAt: number | null = null;
  let isGuarded = false;

  /** Before anything else: whatever happens from now on, the process ends. */
  function guard(): void {
    if (isGuarded) return;
    isGuarded = true;
    killAfter(KILL_MS);
  }

  async function closeAll(): Promise<void> {
    for (const step of steps.toReversed()) await step();
  }

  async function end(code: number): Promise<void> {
    if (startedAt !== null) return;
    startedAt = monotonic();
    guard();
    const overdue = setTimeout(() => {
      log.error(`Closing took longer than ${GRACE_MS / 1000} s; ending anyway.`);
      host.exit(1);
    }, GRACE_MS);
    try {
      await closeAll();
      host.exit(code);
    } catch (error) {
      log.error({ err: error }, 'Closing failed');
      host.exit(1);
    } finally {
      clearTimeout(overdue);
    }
  }

  function onSignal(signal: string): void {
    guard();
    if (startedAt === null) {
      log.info(`${signal}: answering the open commands, then ending.`);
      void end(0);
    } else if (monotonic() - startedAt > SAME_SIGNAL_MS) {
      log.error(`${signal} again: ending at once.`);
      host.exit(1);
    }
  }

  function onDefect(error: unknown): void {
    guard();
    log.fatal({ err: error }, 'An uncaught defect; ending.');
    void end(1);
  }

  for (const signal of SIGNALS) host.on(signal, () => onSignal(signal));
  host.on('uncaughtException', onDefect);
  host.on('unhandledRejection', onDefect);
  // The start script was killed, so no signal of its own will be passed on.
  host.on('disconnect', () => onSignal('The start script has ended'));

  return {
    /** Adds a closing step; the last one added runs first. */
    defer: (step: () => Promise<void>) => void steps.push(step),
    end,
  };
}

export type Shutdown = ReturnType<typeof createShutdown>;
