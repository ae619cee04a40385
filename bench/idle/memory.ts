import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Options of Node with which a process collects its garbage when `residentWithoutGarbage` asks for it. */
export const COLLECTING = ['--expose-gc', '--import', new URL('./collect-garbage.ts', import.meta.url).href];

/** For timers and buffers of what has just ended, and for the collection itself. */
const SETTLE_MS = 1_000;

/** Bytes of a process that are in memory, by Linux. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (!kibibytes) throw new Error(`Process ${pid} has no VmRSS`);
  return Number(kibibytes) * 1_024;
}

/** The same after a full collection of garbage: what was connected a moment ago leaves some behind. */
export async function residentWithoutGarbage(pid: number): Promise<number> {
  await sleep(SETTLE_MS);
  process.kill(pid, 'SIGUSR2');
  await sleep(SETTLE_MS);
  return residentBytes(pid);
}
