import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Command, CommandResult } from '#server/booking/rules/command.ts';

const CHILD = fileURLToPath(new URL('./engine-process.fixture.ts', import.meta.url));

export type ToEngine =
  { n: number; eventId: string; command: Command; now: number } | { dieAt: { packets: number; sent: boolean } };

export type FromEngine = { ready: true } | { n: number; settled: CommandResult } | { n: number; defect: string };

/** An engine in a process of its own that may die at any time. */
export interface EngineProcess {
  /** Resolves with null if the process died before it answered. */
  submit(eventId: string, command: Command, now: number): Promise<CommandResult | null>;
  /** Makes the process kill itself at its packet number `packets` to the database, counted from now. */
  dieAt(point: { packets: number; sent: boolean }): void;
  /** Kills the process with SIGKILL if it still runs. */
  kill(): Promise<void>;
  readonly alive: boolean;
  /** Errors of the engine and output on stderr; must stay empty. */
  readonly defects: string[];
}

export async function startEngineProcess(uri: string): Promise<EngineProcess> {
  const child = fork(CHILD, [uri], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const waiting = new Map<number, (settled: CommandResult | null) => void>();
  const defects: string[] = [];
  let alive = true;
  let count = 0;
  child.stderr?.on('data', (chunk: Buffer) => defects.push(String(chunk)));
  const gone = once(child, 'exit').then(() => {
    alive = false;
    for (const resolve of waiting.values()) resolve(null);
    waiting.clear();
  });
  // A message to a process that has just died fails; the `exit` event handles the death.
  child.on('error', () => undefined);

  function receive(message: FromEngine): void {
    if ('ready' in message) return;
    if ('defect' in message) defects.push(message.defect);
    waiting.get(message.n)?.('settled' in message ? message.settled : null);
    waiting.delete(message.n);
  }

  function submit(eventId: string, command: Command, now: number): Promise<CommandResult | null> {
    if (!alive) return Promise.resolve(null);
    count += 1;
    const n = count;
    return new Promise((resolve) => {
      waiting.set(n, resolve);
      child.send({ n, eventId, command, now } satisfies ToEngine, () => undefined);
    });
  }

  await Promise.race([once(child, 'message'), gone]);
  if (!alive) throw new Error(`The engine's process did not start: ${defects.join('')}`);
  child.on('message', receive);
  return {
    submit,
    dieAt: (point) => void child.send({ dieAt: point } satisfies ToEngine, () => undefined),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    get alive() {
      return alive;
    },
    defects,
  };
}
