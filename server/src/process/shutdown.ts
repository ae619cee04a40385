import type { Log } from '#server/log.ts';

/** The part of `process` that a shutdown needs. */
export interface HostProcess {
  on(event: string, listener: (detail: unknown) => void): unknown;
  exit(code: number): void;
}

export interface ShutdownOptions {
  host: HostProcess;
  log: Pick<Log, 'info' | 'error' | 'fatal'>;
  /** Milliseconds from any fixed point. */
  monotonic: () => number;
}

/** Open commands, sockets and the database have this long; the contract promises an end within 10 s. */
const GRACE_MS = 9_500;

/** One Ctrl-C reaches us several times: from the terminal, from npm and from the start script. */
const SAME_SIGNAL_MS = 500;

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/**
 * Ends the process cleanly: at a signal with code 0, at a defect that nobody caught with code 1. What was opened is
 * closed in reverse order. A second signal, or one step that takes too long, ends it at once with code 1.
 */
export function createShutdown({ host, log, monotonic }: ShutdownOptions) {
  const steps: (() => Promise<void>)[] = [];
  let startedAt: number | null = null;

  async function closeAll(): Promise<void> {
    for (const step of steps.toReversed()) await step();
  }

  async function end(code: number): Promise<void> {
    if (startedAt !== null) return;
    startedAt = monotonic();
    const overdue = setTimeout(() => {
      log.error(`Not everything closed within ${GRACE_MS / 1000} s; ending anyway.`);
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
    if (startedAt === null) {
      log.info(`${signal}: answering the work in hand, then ending.`);
      void end(0);
    } else if (monotonic() - startedAt > SAME_SIGNAL_MS) {
      log.error(`${signal} again: ending at once.`);
      host.exit(1);
    }
  }

  function onDefect(error: unknown): void {
    log.fatal({ err: error }, 'A defect that nobody caught; ending.');
    void end(1);
  }

  for (const signal of SIGNALS) host.on(signal, () => onSignal(signal));
  host.on('uncaughtException', onDefect);
  host.on('unhandledRejection', onDefect);
  // The start script was killed: nobody is left to pass on a signal.
  host.on('disconnect', () => onSignal('The start script is gone'));

  return {
    /** Adds what is to be closed; the last one added is closed first. */
    defer: (step: () => Promise<void>) => void steps.push(step),
    end,
  };
}

export type Shutdown = ReturnType<typeof createShutdown>;
