import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '../../scripts/setup/flags.js';
import type { FigureRound } from '../all/figure.ts';
import type { GroupContext, GroupFigures } from '../all/group.ts';
import { startLoadGenerator } from '../load/generator-process.ts';
import { median } from '../median.ts';
import { createCpuMeter } from '../probes/cpu.ts';
import { startMeasuredServer } from '../testbed/measured-server.ts';
import { startScratchDatabase } from '../testbed/scratch-database.ts';
import { openSessions } from '../testbed/sessions.ts';
import { COLLECTING, residentBytes, residentWithoutGarbage } from './memory.ts';

/** From the start to the reading of an idle server. */
const IDLE_MS = 10_000;
const PLAIN_SERVER = fileURLToPath(new URL('./plain-server.ts', import.meta.url));

/** The memory of an idle server, and of each idle client beside that of a plain `ws` server: M10. */
export async function measureIdleClients({ sizes, signal, log }: GroupContext): Promise<GroupFigures> {
  await using cleanup = new AsyncDisposableStack();
  const { uri, dataDir } = await startScratchDatabase(cleanup, () => undefined);
  const secret = randomBytes(32).toString('hex');
  const options = { mongoUri: uri, secret, profile: null, settings: { DATA_DIR: dataDir, DEMO_DATA: 'on' } };
  // The first start writes the demo data, into a database without users.
  await (await startMeasuredServer(options)).stop();
  const { connection, tokens } = await openSessions(uri, secret, sizes.clients);
  cleanup.defer(() => connection.close());
  const clients: FigureRound[] = [];
  const idle: FigureRound[] = [];
  const connectMs: number[] = [];
  while (clients.length < sizes.rounds) {
    const server = await measureServer({ ...options, nodeFlags: COLLECTING }, tokens, signal);
    const plain = await measurePlainServer(tokens, signal);
    clients.push({ value: server.bytesEach / 1_000, baseline: plain.bytesEach / 1_000 });
    idle.push({ value: server.idleBytes / 1_000_000, baseline: null });
    connectMs.push(server.connectMs);
    const [ours, theirs] = [server.bytesEach, plain.bytesEach].map((bytes) => (bytes / 1_000).toFixed(1));
    log(
      `round ${clients.length}: ${ours} kB for each client, plain ${theirs}; idle ${Math.round(server.idleBytes / 1e6)} MB`,
    );
  }
  return { rounds: { M10: clients, 'M10 idle': idle }, costs: { connectServerMs: median(connectMs) } };
}

async function measureServer(
  options: Parameters<typeof startMeasuredServer>[0],
  tokens: readonly string[],
  signal: AbortSignal,
) {
  const { port, pid, stop } = await startMeasuredServer(options);
  try {
    await sleep(IDLE_MS, undefined, { signal });
    const idleBytes = await residentBytes(pid);
    return { idleBytes, ...(await measureClients({ port, pid, tokens, signal })) };
  } finally {
    await stop();
  }
}

async function measurePlainServer(tokens: readonly string[], signal: AbortSignal) {
  const server = fork(PLAIN_SERVER, { execArgv: [...NODE_FLAGS, ...COLLECTING] });
  const ended = once(server, 'exit');
  try {
    const [port] = (await once(server, 'message', { signal })) as [number];
    return await measureClients({ port, pid: server.pid ?? 0, tokens, signal });
  } finally {
    server.disconnect();
    await ended;
  }
}

interface Clients {
  port: number;
  pid: number;
  tokens: readonly string[];
  signal: AbortSignal;
}

/** The slope: what a client adds once a tenth of all are connected. */
async function measureClients({ port, pid, tokens, signal }: Clients) {
  await using cleanup = new AsyncDisposableStack();
  const cpu = createCpuMeter({ server: pid });
  async function connect(some: readonly string[]): Promise<void> {
    const generator = startLoadGenerator(signal);
    cleanup.defer(() => generator.stop());
    const options = { client: 'wire' as const, ports: [port], tokens: [...some], eventIds: [], price: null };
    await generator.request({ kind: 'open', options });
  }
  const tenth = Math.ceil(tokens.length / 10);
  await connect(tokens.slice(0, tenth));
  const few = await residentWithoutGarbage(pid);
  await cpu.during(() => connect(tokens.slice(tenth)));
  const all = await residentWithoutGarbage(pid);
  const added = tokens.length - tenth;
  return { bytesEach: (all - few) / added, connectMs: cpu.msEach(added)['server'] ?? 0 };
}
