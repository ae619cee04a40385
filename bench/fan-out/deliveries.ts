import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { wholeNumber } from '../../scripts/command-line/values.ts';
import { wholeText } from '../../scripts/load/number-text.ts';
import { say } from '../../scripts/setup/say.js';
import { median } from '../median.ts';
import { assertAgreement } from '../probes/agreement.ts';
import { createCpuMeter } from '../probes/cpu.ts';
import { openTestbed } from '../testbed/testbed.ts';
import { WARM_UP_SECONDS } from '../warm-up.ts';
import { startBareServer } from './bare.ts';
import { createSeatChanges } from './change-seats.ts';
import type { Watchers } from './watchers.ts';
import { startWatchers } from './watchers.ts';

interface DeliveriesOptions {
  watchers: number;
  seconds: number;
  rounds: number;
}

interface DeliveriesRound {
  /** Frames of seats that reached a client, for each second of the server's processor time. */
  server: number;
  /** Deliveries for each processor second of a bare `ws` server that sends a prepared frame of the same size. */
  bare: number;
  ratio: number;
}

const FREE = { amount: 0, currency: 'EUR' };

const commandLine = createCommandLine(
  {
    watchers: { placeholder: 'N', help: 'clients on /public', read: wholeNumber(1, 10_000), default: '2000' },
    seconds: { placeholder: 'N', help: 'length of a measurement', read: wholeNumber(1, 120), default: '5' },
    rounds: {
      placeholder: 'N',
      help: 'number of rounds; each measures the server and the bare loop, one after the other',
      read: wholeNumber(1, 50),
      default: '3',
    },
  },
  {
    intro: `Deliveries of availabilityChanged for each second of the server's processor time, compared with a bare ws server that
sends one prepared frame to as many clients. The next frame follows when all clients have the last one. Another program
changes the seats, which costs the server less than a booking: what is measured is the fan-out.

  npm run bench -- deliveries [options]`,
    toOptions: (values): DeliveriesOptions => values,
  },
);

/** Measures and prints the deliveries. Resolves to the exit code. */
export function measureDeliveries(args: readonly string[]): Promise<number> {
  return runWithOptions(commandLine, args, async (options) => {
    const rounds = await deliveryRounds(options, say);
    for (const { server, bare, ratio } of rounds)
      process.stdout.write(
        `deliveries for a processor second: server ${wholeText(server)}, bare ws ${wholeText(bare)}; ratio ${ratio.toFixed(2)}\n`,
      );
    process.stdout.write(`ratio (median)  ${median(rounds.map(({ ratio }) => ratio)).toFixed(2)}\n`);
    return 0;
  });
}

/** Measures the server and a bare `ws` server in turn, each with clients of its own. */
export async function deliveryRounds(
  { watchers: count, seconds, rounds: most }: DeliveriesOptions,
  log: (line: string) => void,
): Promise<DeliveriesRound[]> {
  await using cleanup = new AsyncDisposableStack();
  const testbed = await openTestbed({ buyers: 0, price: FREE, profile: null, log });
  cleanup.defer(() => testbed.close());
  const bareServer = await startBareServer();
  cleanup.defer(() => bareServer.stop());
  const [watchers, bareWatchers] = [startWatchers(), startWatchers()];
  cleanup.defer(async () => void (await Promise.all([watchers.stop(), bareWatchers.stop()])));
  log(`Connecting ${count} clients to each server …`);
  await watchers.open('public', testbed.port, count);
  await bareWatchers.open('bare', bareServer.port, count);

  const { server: serverPid = 0 }: Record<string, number> = testbed.pids;
  const changes = createSeatChanges(testbed.database, testbed.eventId);
  const ofServer = (forSeconds: number) => deliveriesOf(watchers, count, serverPid, changes.change, forSeconds);
  const ofBare = (forSeconds: number) =>
    deliveriesOf(bareWatchers, count, bareServer.pid, bareServer.sendFrame, forSeconds);
  await ofServer(WARM_UP_SECONDS);
  await ofBare(WARM_UP_SECONDS);
  const rounds: DeliveriesRound[] = [];
  while (rounds.length < most) {
    const [server, bare] = [await ofServer(seconds), await ofBare(seconds)];
    const ratio = server / bare;
    rounds.push({ server, bare, ratio });
    log(`Round ${rounds.length} of ${most}: ${ratio.toFixed(2)}`);
  }
  await changes.undo();
  await assertAgreement(testbed.database, 0);
  return rounds;
}

/** Deliveries for each processor second of a server that pushes again when all clients have received the last frame. */
async function deliveriesOf(
  watchers: Watchers,
  count: number,
  pid: number,
  push: () => Promise<void>,
  seconds: number,
): Promise<number> {
  const before = await watchers.received();
  const cpu = createCpuMeter({ server: pid });
  let received = before;
  await cpu.during(async () => {
    const endMs = performance.now() + seconds * 1_000;
    while (performance.now() < endMs) {
      await push();
      received = await watchers.receivedAll(received + count);
    }
  });
  return (received - before) / (cpu.msEach(1_000).server ?? NaN);
}
