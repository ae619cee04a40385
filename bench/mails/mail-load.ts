import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { ObjectId } from 'mongodb';
import { createCommandLine, runWithOptions } from '../../scripts/command-line/command-line.ts';
import { wholeNumber } from '../../scripts/command-line/values.ts';
import { Latencies } from '../../scripts/load/latencies.ts';
import { say } from '../../scripts/setup/say.js';
import { openPacedBuyers } from '../pages/paced-buyers.ts';
import { createCpuMeter } from '../probes/cpu.ts';
import { createHotEvent, moveEvent } from '../testbed/hot-event.ts';
import type { Testbed } from '../testbed/testbed.ts';
import { openTestbed } from '../testbed/testbed.ts';
import type { SentMail } from './mail-ages.ts';
import { agesOf, rateBetween } from './mail-ages.ts';
import { openMailSink } from './mail-sink.ts';

const SALES_PER_SECOND = 90;
const SELLERS = 45;
/** Bookings a second of the event beside the one that sells. */
const OTHERS_PER_SECOND = 1;
/** Pace at which the event that moves is sold before the measurement. */
const BEFORE_PER_SECOND = 400;
const FREE = { amount: 0, currency: 'EUR' };
const LOOK_EVERY_MS = 500;

const commandLine = createCommandLine(
  {
    seconds: { placeholder: 'N', help: 'how long the event sells', read: wholeNumber(5, 600), default: '60' },
    moved: {
      placeholder: 'N',
      help: 'bookings of the event that moves',
      read: wholeNumber(1, 10_000),
      default: '1000',
    },
    answer: {
      placeholder: 'MS',
      help: 'time that the mail server takes to accept a mail',
      read: wholeNumber(0, 2_000),
      default: '20',
    },
  },
  {
    intro: `How old mails are when they are sent: one event sells ${SALES_PER_SECOND} seats a second, while another sells ${OTHERS_PER_SECOND} a second and a third moves.

  npm run bench -- mails [options]`,
    toOptions: (values) => values,
  },
);

interface MailLoadOptions {
  seconds: number;
  moved: number;
  answer: number;
}

/** Measures the throughput of mails and their ages. Resolves to the exit code. */
export function measureMailLoad(args: readonly string[]): Promise<number> {
  return runWithOptions(commandLine, args, run);
}

async function run({ seconds, moved, answer }: MailLoadOptions): Promise<number> {
  await using cleanup = new AsyncDisposableStack();
  const sink = await openMailSink(answer);
  cleanup.defer(() => sink.close());
  const settings = { SMTP_URL: sink.url };
  const testbed = await openTestbed({ buyers: SELLERS + 1, price: FREE, profile: null, settings, log: say });
  cleanup.defer(() => testbed.close());
  const { port, adminToken, eventId: selling } = testbed;
  const [other, moving] = [await createHotEvent(port, adminToken, FREE), await createHotEvent(port, adminToken, FREE)];
  say(`Selling ${moved} seats of the event that moves …`);
  await sell(testbed, moving, { perSecond: BEFORE_PER_SECOND, seconds: moved / BEFORE_PER_SECOND });
  await untilNoMailIsDue(testbed.database);

  say(`Selling ${SALES_PER_SECOND} seats a second for ${seconds} s …`);
  const beganMs = Date.now();
  await Promise.all([
    sell(testbed, selling, { perSecond: SALES_PER_SECOND, seconds }),
    sell({ port, tokens: testbed.tokens.slice(SELLERS) }, other, { perSecond: OTHERS_PER_SECOND, seconds }),
    sleep(1_000).then(() => moveEvent(port, adminToken, moving)),
  ]);
  const soldMs = Date.now();
  const cpu = createCpuMeter(testbed.pids);
  await cpu.during(() => untilNoMailIsDue(testbed.database));
  const endedMs = Date.now();

  const sent = {
    selling: await confirmations(testbed.database, selling, beganMs),
    other: await confirmations(testbed.database, other, beganMs),
    moved: await moves(testbed.database, moving),
  };
  const all = Object.values(sent).flat();
  const each = cpu.msEach(all.filter(({ sentMs }) => sentMs >= soldMs).length);
  const costs = Object.entries(each).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`);
  process.stdout.write(
    `${ageText('confirmations of the event that sells', sent.selling)}\n` +
      `${ageText('confirmations of another event', sent.other)}\n` +
      `${ageText('“moved” of a third event', sent.moved)}\n` +
      `mails a second: ${rateBetween(all, beganMs, soldMs).toFixed(1)} during the sale, ` +
      `${rateBetween(all, soldMs, endedMs).toFixed(1)} after it, until all were sent ${((endedMs - soldMs) / 1_000).toFixed(0)} s later\n` +
      `processor of each mail sent after the sale: ${costs.join(', ')}\n`,
  );
  return 0;
}

async function sell(
  { port, tokens }: Pick<Testbed, 'port' | 'tokens'>,
  eventId: string,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<void> {
  const buyers = await openPacedBuyers({ port, tokens, eventId }, perSecond);
  await buyers.book(new Latencies(), seconds);
  buyers.close();
}

/** Waits until every job that sends mails is done. */
async function untilNoMailIsDue(database: Db): Promise<void> {
  const due = { kind: /^tell-/, state: { $in: ['waiting', 'running'] } };
  while ((await database.collection('jobs').countDocuments(due)) > 0) await sleep(LOOK_EVERY_MS);
}

async function confirmations(database: Db, eventId: string, fromMs: number): Promise<SentMail[]> {
  const booked = { eventId: new ObjectId(eventId), createdAt: { $gte: new Date(fromMs) } };
  const bookings = await database.collection('bookings').find(booked).toArray();
  const facts = new Map(bookings.map(({ _id, createdAt }) => [`confirmed:${_id.toHexString()}`, createdAt.getTime()]));
  return sentMails(database, /^confirmed:/, (fact) => facts.get(fact));
}

async function moves(database: Db, eventId: string): Promise<SentMail[]> {
  const event = await database.collection('events').findOne({ _id: new ObjectId(eventId) });
  return sentMails(database, /^moved:/, () => event?.['movedAt']?.getTime());
}

/** The mails sent of facts that `factMsOf` knows the time of. */
async function sentMails(
  database: Db,
  facts: RegExp,
  factMsOf: (fact: string) => number | undefined,
): Promise<SentMail[]> {
  const sent = await database.collection<{ _id: string; at: Date }>('sentMails').find({ _id: facts }).toArray();
  return sent.flatMap(({ _id, at }) => {
    const factMs = factMsOf(_id);
    return factMs === undefined ? [] : [{ factMs, sentMs: at.getTime() }];
  });
}

function ageText(name: string, mails: readonly SentMail[]): string {
  const { count, p50, p99, oldest } = agesOf(mails);
  return `${name.padEnd(38)} ${String(count).padStart(5)} mails · age p50 ${p50.toFixed(1)} s · p99 ${p99.toFixed(1)} s · oldest ${oldest.toFixed(1)} s`;
}
