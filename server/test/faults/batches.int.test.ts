import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Command, CommandResult } from '#server/booking/rules/command.ts';
import { addVouchers } from '../support/database/add-vouchers.ts';
import { answerOf } from '../support/model/answer.ts';
import { playBatch } from '../support/model/model.ts';
import type { Picture } from '../support/model/picture.ts';
import { namesOf, pictureOfModel, pictureOfStored } from '../support/model/picture.ts';
import type { ModelState } from '../support/model/state.ts';
import type { Step } from '../support/model/steps.ts';
import { commandOf } from '../support/model/steps.ts';
import type { EngineWorld } from '../support/engine-world.ts';
import { engineWorld } from '../support/engine-world.ts';
import type { History } from './histories/history.ts';
import { modelAt, learn, newHistory, withNewIds } from './histories/history.ts';
import { scripts } from './histories/script.ts';
import { readStored } from './histories/verify.ts';

const SEED = 8;
const EVENTS = 120;
const ROUNDS = 3;
const ROUND_MS = 12 * 60_000;

/** A command and its result; lists keep the order in which the commands came to the event queue. */
interface Settled {
  command: Command;
  settled: CommandResult;
}

/** Submits the steps of a round in small groups; a group follows while earlier commands are still in flight. */
async function submitAll({ engine }: EngineWorld, history: History, steps: readonly Step[], crowds: number[]) {
  const sent: { command: Command; answer: Promise<CommandResult> }[] = [];
  for (let from = 0, crowd = 0; from < steps.length; crowd += 1) {
    const size = crowds[crowd % crowds.length] ?? 1;
    for (const step of steps.slice(from, from + size)) {
      const command = withNewIds(commandOf(step, history.seen, history.speaker), history.speaker);
      const answer = engine.submit(history.eventId, command);
      void answer.then((settled) => learn(history.seen, settled));
      sent.push({ command, answer });
    }
    from += size;
    await sent[Math.floor(from / 2)]?.answer;
  }
  return Promise.all(sent.map(async ({ command, answer }): Promise<Settled> => ({ command, settled: await answer })));
}

/** The batches of a round, recognised by the event's version after each commit; some commands are batches alone. */
function batchesOf(round: readonly Settled[]): Settled[][] {
  const batches: Settled[][] = [];
  for (const one of round) {
    const last = batches.at(-1)?.at(-1);
    const same = last?.settled.event?.version === one.settled.event?.version;
    if (last && same && !standsAlone(last) && !standsAlone(one)) batches.at(-1)?.push(one);
    else batches.push([one]);
  }
  return batches;
}

function standsAlone({ command }: Settled): boolean {
  return command.type === 'edit' || command.type === 'cancelEvent';
}

type Shown = Pick<Picture, 'seats' | 'waitingCount' | 'holdsUntil'>;

/** The availability in each ledger entry, by the entry's sequence number. */
async function shownBy({ models }: EngineWorld, eventId: string): Promise<Map<number, Shown>> {
  const ledger = await models.ledger.find({ eventId }).sort({ seq: 1 }).lean();
  expect(ledger.map(({ seq }) => seq)).toEqual(ledger.map((_, index) => index + 1));
  return new Map(
    ledger.map(({ seq, availability: { totalSeats, availableSeats, heldSeats, soldSeats, ...more } }) => [
      seq,
      {
        seats: { total: totalSeats, available: availableSeats, held: heldSeats, sold: soldSeats },
        waitingCount: more.waitingCount,
        holdsUntil: more.holdsUntil?.getTime() ?? null,
      },
    ]),
  );
}

/** Whether a batch sets a limit per user where there was none: its offers then follow one commit later. */
function setsLimit([first]: readonly Settled[], before: ModelState): boolean {
  const { settings } = before;
  return first?.command.type === 'edit' && !!first.command.changes.maxSeatsPerUser && settings.maxSeatsPerUser === null;
}

/** Plays the committed batches on the model, and compares the answers, the ledger and the stored documents. */
async function expectAsModel(world: EngineWorld, history: History, rounds: readonly Settled[][], base: number) {
  const stored = await readStored(world.database, history.eventId);
  const shown = await shownBy(world, history.eventId);
  const { name } = namesOf(stored);
  const model = modelAt(history.start);
  let commits = 0;
  rounds.forEach((round, index) => {
    for (const batch of batchesOf(round)) {
      const later = setsLimit(batch, model);
      const named = batch.map(({ command }) =>
        'bookingId' in command ? { ...command, bookingId: name(command.bookingId) } : command,
      );
      const answers = playBatch(model, named, base + index * ROUND_MS);
      batch.forEach(({ settled }, i) => same(answerOf(settled.outcome, name), answers[i], history, named[i]));
      const { seats, waitingCount, holdsUntil } = pictureOfModel(model);
      const version = batch.at(-1)?.settled.event?.version ?? 0;
      if (!later) same(shown.get(version), { seats, waitingCount, holdsUntil }, history, `commit ${version}`);
      commits += 1;
    }
  });
  same(pictureOfStored(stored), pictureOfModel(model), history, 'what is stored');
  return commits;
}

function same(actual: unknown, wanted: unknown, { seed }: History, what: unknown): void {
  if (!isDeepStrictEqual(actual, wanted)) expect(actual, `${seed}: ${JSON.stringify(what)}`).toEqual(wanted);
}

it('[I1] [I2] [I3] [I7] the engine answers and commits in batches what the model of the rules answers and stores', async (t) => {
  const world = await engineWorld(t);
  const base = world.clock.now().getTime();
  const all = scripts(SEED, EVENTS, world.clock.now(), ROUNDS);
  const crowds = fc.sample(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), { seed: SEED, numRuns: EVENTS });
  const histories = await Promise.all(
    all.map(async ({ input, vouchers }, i) => {
      const eventId = await world.createEvent(input);
      await addVouchers(world.database, eventId, vouchers);
      return newHistory(`${SEED}/${i}`, await readStored(world.database, eventId));
    }),
  );
  const rounds: Settled[][][] = histories.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    world.clock.moveTo(new Date(base + round * ROUND_MS));
    await Promise.all(
      histories.map(async (history, i) => {
        const steps = all[i]?.rounds[round] ?? [];
        rounds[i]?.push(await submitAll(world, history, steps, crowds[i] ?? [1]));
      }),
    );
  }
  let commits = 0;
  for (const [i, history] of histories.entries()) commits += await expectAsModel(world, history, rounds[i] ?? [], base);
  const commands = rounds.flat(2).length;
  expect(commits, 'batches of several').toBeLessThan(commands * 0.8);
}, 60_000);
