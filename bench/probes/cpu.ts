import { readFile } from 'node:fs/promises';

/** What Linux counts processor time in, on every machine that this runs on. */
const TICKS_PER_SECOND = 100;

/** Processor seconds of a process so far; null where the system does not tell. */
export async function cpuSeconds(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name in field 2 may hold spaces and brackets; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export type CpuWatch = ReturnType<typeof watchCpu>;

/** The processor time of these processes while something was measured, summed over all measurements. */
export function watchCpu(pids: Readonly<Record<string, number>>) {
  const used = new Map<string, number>();
  let wallSeconds = 0;

  async function read(): Promise<Map<string, number | null>> {
    const entries = Object.entries(pids).map(async ([name, pid]) => [name, await cpuSeconds(pid)] as const);
    return new Map(await Promise.all(entries));
  }

  return {
    async during<T>(measure: () => Promise<T>): Promise<T> {
      const before = await read();
      const startMs = performance.now();
      const result = await measure();
      wallSeconds += (performance.now() - startMs) / 1_000;
      for (const [name, seconds] of await read()) {
        const earlier = before.get(name) ?? null;
        if (seconds !== null && earlier !== null) used.set(name, (used.get(name) ?? 0) + seconds - earlier);
      }
      return result;
    },
    /** How many cores each kept busy. */
    cores: (): Record<string, number> => divided(used, wallSeconds),
    /** What each spent on one of `times` things, in milliseconds. */
    msEach: (times: number): Record<string, number> => divided(used, times / 1_000),
  };
}

function divided(used: ReadonlyMap<string, number>, by: number): Record<string, number> {
  return Object.fromEntries([...used].map(([name, seconds]) => [name, seconds / by]));
}
