import { readFile } from 'node:fs/promises';

/** Unit of processor time in `/proc`, the same on all current Linux systems (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Processor seconds of a process since its start; null on a system without `/proc`. */
async function cpuSeconds(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name in field 2 may contain spaces and brackets; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export type CpuMeter = ReturnType<typeof createCpuMeter>;

/** Measures the processor time of these processes, summed over all measured intervals. */
export function createCpuMeter(pids: Readonly<Record<string, number>>) {
  const used = new Map<string, number>();
  let wallSeconds = 0;

  async function readAll(): Promise<Map<string, number | null>> {
    const entries = Object.entries(pids).map(async ([name, pid]) => [name, await cpuSeconds(pid)] as const);
    return new Map(await Promise.all(entries));
  }

  return {
    async during<T>(measure: () => Promise<T>): Promise<T> {
      const before = await readAll();
      const startMs = performance.now();
      const result = await measure();
      wallSeconds += (performance.now() - startMs) / 1_000;
      for (const [name, seconds] of await readAll()) {
        const earlier = before.get(name) ?? null;
        if (seconds !== null && earlier !== null) used.set(name, (used.get(name) ?? 0) + seconds - earlier);
      }
      return result;
    },
    /** Processor seconds of all processes together. */
    seconds: (): number => [...used.values()].reduce((sum, seconds) => sum + seconds, 0),
    /** Average number of cores that each process kept busy. */
    cores: (): Record<string, number> => quotients(used, wallSeconds),
    /** Milliseconds that each process spent on one of `count` bookings. */
    msEach: (count: number): Record<string, number> => quotients(used, count / 1_000),
  };
}

function quotients(dividends: ReadonlyMap<string, number>, divisor: number): Record<string, number> {
  return Object.fromEntries([...dividends].map(([name, seconds]) => [name, seconds / divisor]));
}
