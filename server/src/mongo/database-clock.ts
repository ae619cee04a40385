import type { Db } from 'mongodb';
import type { Log } from '#server/log.ts';
import { isUnavailable } from './unavailable.ts';

/** Measurements before the server starts: the one with the shortest round trip counts. */
const FIRST_MEASUREMENTS = 3;
/** How much two clocks may drift apart, as a share of the time: quartz keeps 100 ppm. */
const DRIFT = 1e-4;
/** A smaller difference is usual between servers that set their clocks by NTP. */
const SKEW_REPORTED_MS = 1_000;

interface DatabaseClockOptions {
  /** The database's time now. */
  readTime(): Promise<Date>;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** The clock of this machine, which may be wrong. */
  systemNow: () => Date;
  log: Pick<Log, 'warn' | 'info'>;
}

/** A moment by both clocks, and how far off their relation may be. */
interface Measurement {
  databaseMs: number;
  monotonicMs: number;
  errorMs: number;
}

export type DatabaseClock = Awaited<ReturnType<typeof createDatabaseClock>>;

/**
 * The database's clock, as this process knows it by its last measurement and the time that has passed since. All servers
 * on one database go by it, so that holds, leases and jobs end at one time, whatever the clocks of the machines show.
 */
export async function createDatabaseClock({ readTime, monotonic, systemNow, log }: DatabaseClockOptions) {
  let known = await measure();
  let reportedMs = 0;
  for (let count = 1; count < FIRST_MEASUREMENTS; count += 1) adopt(await measure());
  reportSkew();

  async function measure(): Promise<Measurement> {
    const sentMs = monotonic();
    const databaseMs = (await readTime()).getTime();
    const receivedMs = monotonic();
    // A millisecond more, because the database's time has no fractions.
    return { databaseMs, monotonicMs: (sentMs + receivedMs) / 2, errorMs: (receivedMs - sentMs) / 2 + 1 };
  }

  /** Keeps the better of the known and the new measurement, and the new one where they contradict each other. */
  function adopt(next: Measurement): void {
    const knownErrorMs = known.errorMs + (next.monotonicMs - known.monotonicMs) * DRIFT;
    const differenceMs = Math.abs(next.databaseMs - databaseMsAt(next.monotonicMs));
    if (next.errorMs <= knownErrorMs || differenceMs > next.errorMs + knownErrorMs) known = next;
  }

  function databaseMsAt(monotonicMs: number): number {
    return known.databaseMs + monotonicMs - known.monotonicMs;
  }

  /** How far this machine's clock is ahead of the database's; negative if it is behind. */
  function skewMs(): number {
    return Math.round(systemNow().getTime() - databaseMsAt(monotonic()));
  }

  /** Logs a difference once, and again when it has changed. */
  function reportSkew(): void {
    const skew = skewMs();
    if (Math.abs(skew - reportedMs) < SKEW_REPORTED_MS) return;
    const isLarge = Math.abs(skew) >= SKEW_REPORTED_MS;
    reportedMs = isLarge ? skew : 0;
    const fields = { skewSeconds: Math.round(skew / 100) / 10 };
    if (isLarge) log.warn(fields, "This machine's clock differs from the database's, by which all times go");
    else log.info(fields, "This machine's clock agrees with the database's again");
  }

  return {
    now: (): Date => new Date(databaseMsAt(monotonic())),
    get skewMs(): number {
      return skewMs();
    },
    /** Measures again. While the database cannot answer, the last measurement goes on to count. */
    async compare(): Promise<void> {
      try {
        adopt(await measure());
      } catch (error) {
        if (!isUnavailable(error)) throw error;
      }
      reportSkew();
    },
  };
}

/** The time of the database's primary. */
export async function readDatabaseTime(database: Db): Promise<Date> {
  const { localTime } = await database.command({ hello: 1 }, { readPreference: 'primary' });
  return localTime as Date;
}
