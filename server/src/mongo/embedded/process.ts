import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How long a database that was asked to end may take before it is ended by force. Its journal makes both safe. */
const GRACE_MS = 8_000;
const POLL_MS = 25;

/** Whether a process with this id exists (one that we may not signal exists as well). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** What tells a process from a later one with the same id: its start time, in whatever form the system gives it. */
export async function startMark(pid: number): Promise<string | null> {
  const fields = await statFields(pid);
  if (fields !== null) return fields.startTime;
  return ps(pid, 'lstart=');
}

/** The command line of a process, or null where it has ended or the system does not tell. */
export async function commandLine(pid: number): Promise<string[] | null> {
  const raw = await readOrNull(`/proc/${pid}/cmdline`);
  if (raw !== null) return raw.split('\0').filter((part) => part !== '');
  return (await ps(pid, 'args='))?.split(' ') ?? null;
}

/** Asks a process to end, and ends it by force after some seconds. Returns when it is gone. */
export async function endProcess(pid: number): Promise<void> {
  signal(pid, 'SIGTERM');
  if (await gone(pid, GRACE_MS)) return;
  signal(pid, 'SIGKILL');
  if (!(await gone(pid, GRACE_MS))) throw new Error(`Process ${pid} does not end.`);
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (await isRunning(pid)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/**
 * Like `isAlive`, but not for a zombie: that one still has an id, but holds no files and ports any more, once its
 * threads have ended as well.
 */
export async function isRunning(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const fields = await statFields(pid);
  return fields === null || !/[ZX]/.test(fields.state) || fields.threads > 1;
}

async function statFields(pid: number) {
  const stat = await readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name in the second field may itself hold spaces and brackets, so counting starts behind its last bracket.
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
    // ps answers with an error for a process that is not there, and some systems have no ps.
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

/** Whether this is a system error of that kind, as in `hasCode(error, 'ENOENT')`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
