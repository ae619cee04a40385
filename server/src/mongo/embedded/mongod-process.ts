import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { endProcess } from './process.ts';

/** Ends mongod within seconds after this process was killed. */
const KILLER = createRequire(import.meta.url).resolve('mongodb-memory-server-core/scripts/mongo_killer.js');

/** Lines of mongod about one failure follow each other this closely. */
const BURST_MS = 10_000;

interface MongodCommand {
  binary: string;
  args: readonly string[];
  /** Gets each line that mongod prints. */
  addLine(line: string): void;
}

export type MongodProcess = ReturnType<typeof spawnMongod>;

/**
 * Starts a mongod, detached: Ctrl-C reaches the whole process group, and commands in flight still need the database.
 * Not by `MongoInstance` of mongodb-memory-server: it parses what a failing mongod prints, and where that fails, or the
 * process does not end, throws outside of any promise.
 */
export function spawnMongod({ binary, args, addLine }: MongodCommand) {
  const child = spawn(binary, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const listens = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let failure = { text: '', atMs: -Infinity };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      addLine(line);
      failure = laterFailure(failure, line, performance.now());
      if (/waiting for connections/i.test(line)) listens.resolve();
    });
  }
  child.once('error', (error) => {
    failure = { text: error.message, atMs: performance.now() };
    if (child.pid === undefined) ended.resolve();
  });
  child.once('close', () => ended.resolve());
  const killer = child.pid === undefined ? null : spawnKiller(child.pid);
  void ended.promise.then(() => killer?.kill());

  return {
    pid: child.pid,
    /** Resolves when mongod accepts connections. Still pending if it ends before. */
    listens: listens.promise,
    /** Resolves when mongod has ended. */
    ended: ended.promise,
    /** Why mongod has failed, as far as it said so. */
    reason: () => failure.text || `it ended with ${child.signalCode ?? child.exitCode ?? 'no reason'}`,
    /** Ends mongod: cleanly if it still can. */
    async stop(): Promise<void> {
      if (child.pid !== undefined && isOpen(child)) await endProcess(child.pid);
      await ended.promise;
    },
    /** Kills mongod; its data is safe in the journal. */
    async kill(): Promise<void> {
      child.kill('SIGKILL');
      await ended.promise;
    },
  };
}

function isOpen({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

function spawnKiller(mongodPid: number): ChildProcess {
  const args = [KILLER, String(process.pid), String(mongodPid)];
  const killer = spawn(process.execPath, args, { detached: true, stdio: 'ignore' });
  // Without it a mongod that outlives this process is ended by the next start.
  killer.on('error', () => undefined);
  killer.unref();
  return killer;
}

interface MongodFailure {
  text: string;
  /** When the last line about it came, in monotonic milliseconds. */
  atMs: number;
}

/** The failure after this line: the first line of a burst names the cause, the later ones its consequences. */
function laterFailure(before: MongodFailure, line: string, atMs: number): MongodFailure {
  const text = failureIn(line);
  if (text === null) return before;
  return { text: atMs - before.atMs < BURST_MS ? before.text : text, atMs };
}

/** What a line of mongod's log says about its failure; null for other lines. */
function failureIn(line: string): string | null {
  const parsed = parse(line);
  if (parsed === null || !/^[EF]$/.test(String(parsed.s))) return null;
  const { message, reason, error } = parsed.attr ?? {};
  const detail = message ?? reason ?? error;
  const text = typeof detail === 'object' ? JSON.stringify(detail) : String(detail ?? '');
  return [String(parsed.msg), text].filter((part) => part !== '').join(': ');
}

interface MongodLine {
  s?: unknown;
  msg?: unknown;
  attr?: { message?: unknown; reason?: unknown; error?: unknown };
}

function parse(line: string): MongodLine | null {
  try {
    return JSON.parse(line) as MongodLine;
  } catch {
    // Not every line is JSON: stack traces, and messages of the dynamic linker.
    return null;
  }
}
