import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How long a process may take to end after SIGTERM, before SIGKILL. The journal of a database makes both safe. */
const GRACE_MS = 8_000;
const POLL_MS = 25;

/** Whether a process with this id exists, including one that we may not signal. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** The start time of a process in the system's own form, which distinguishes it from a later one with the same id. */
export async function startMark(pid: number): Promise<string | null> {
  const fields = await statFields(pid);
  if (fields !== null) return fields.startTime;
  return ps(pid, 'lstart=');
}

/** The arguments of a process; null if it has ended or the system does not reveal them. */
export async function commandLine(pid: number): Promise<string[] | null> {
  const raw = await readOrNull(`/proc/${pid}/cmdline`);
  if (raw !== null) return raw.split('\0').filter((part) => part !== '');
  return (await ps(pid, 'args='))?.split(' ') ?? null;
}

/** Ends a process by SIGTERM, and by SIGKILL after 8 s. Resolves when it has ended; throws if it does not end. */
export async function endProcess(pid: number): Promise<void> {
  signal(pid, 'SIGTERM');
  if (await hasEnded(pid, GRACE_MS)) return;
  signal(pid, 'SIGKILL');
  if (!(await hasEnded(pid, GRACE_MS))) throw new Error(`Process ${pid} does not end.`);
}

async function hasEnded(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (await isRunning(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/**
 * Like `isAlive`, but false for a zombie: it still has an id, but no files and ports once all its threads have
 * ended.
 */
export async function isRunning(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const fields = await statFields(pid);
  return fields === null || !/[ZX]/.test(fields.state) || fields.threads > 1;
}

async function statFields(pid: number) {
  const stat = await readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The second field is the name, which may contain spaces and brackets: counting starts after its last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', threads: Number(fields[17]), startTime: fields[19] ?? null };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

async function ps(pid: number, format: string): Promise<string | null> {
  try {
    const { stdout } = await run('ps', ['-o', format, '-p', String(pid)]);
    return stdout.trim() || null;
  } catch {
    // ps fails for a process that does not exist, and some systems have no ps.
    return null;
  }
}

async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return null;
    throw error;
  }
}

/** Whether the error is a system error with this code, as in `hasCode(error, 'ENOENT')`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
