import type { Db } from 'mongodb';
import { Types } from 'mongoose';
import { bookingCollections } from '#server/booking/store/collections.ts';
import { toBookingState, toEventState } from '#server/booking/store/records.ts';
import { toVoucherState } from '#server/booking/store/vouchers/voucher-records.ts';
import { toWaitlistEntryState } from '#server/booking/store/waitlist-entries.ts';
import type { Command, Outcome } from '#server/booking/rules/command.ts';
import type { Answer } from '../../support/model/answer.ts';
import { answerOf } from '../../support/model/answer.ts';
import { eventSpec } from '../../support/model/event-spec.ts';
import type { Operation } from '../../support/model/linearizable.ts';
import { linearize } from '../../support/model/linearizable.ts';
import type { Stored } from '../../support/model/picture.ts';
import { namesOf, pictureOfModel, pictureOfStored } from '../../support/model/picture.ts';
import type { History } from './history.ts';
import { modelAt } from './history.ts';

/** Reads an event with all its bookings, waitlist entries and vouchers from the database. */
export async function readStored(database: Db, eventId: string): Promise<Stored> {
  const { events, bookings, waitlist, vouchers } = bookingCollections(database);
  const _id = Types.ObjectId.createFromHexString(eventId);
  const event = await events.findOne({ _id });
  if (!event) throw new Error(`Event ${eventId} is gone`);
  return {
    event: toEventState(event),
    bookings: (await bookings.find({ eventId: _id }).toArray()).map(toBookingState),
    entries: (await waitlist.find({ eventId: _id }).toArray()).map(toWaitlistEntryState),
    vouchers: (await vouchers.find({ eventId: _id }).toArray()).map(toVoucherState),
  };
}

/**
 * [I4] Checks that some order of a history's commands in the model gives its answers and the data stored at its end.
 * Returns null if so, otherwise a report with the longest order that fits.
 */
export async function explain(database: Db, history: History): Promise<string | null> {
  const stored = await readStored(database, history.eventId);
  const { name } = namesOf(stored);
  const end = pictureOfStored(stored);
  const spec = eventSpec(modelAt(history.start), end);
  const { linearizable, longest, stuckOn } = linearize(
    history.operations.map((one) => inNames(one, name)),
    spec,
  );
  if (linearizable) return null;
  let state = spec.start;
  for (const { input, output } of longest) {
    state = (spec.steps(state, input).find((step) => output === null || spec.agrees(output, step.output)) ?? { state })
      .state;
  }
  return [
    `History ${history.seed} is not linearizable. The longest order found:`,
    ...longest.map((one) => line(one)),
    'None of these can follow:',
    ...stuckOn.map((one) => `${line(one)} (the model: ${JSON.stringify(spec.steps(state, one.input)[0]?.output)})`),
    `Stored at the end: ${JSON.stringify(end)}`,
    `In the model: ${JSON.stringify(pictureOfModel(state))}`,
  ].join('\n');
}

function line({ input, output, calledAt, answeredAt }: Operation<{ command: Command; now: number }, Answer>): string {
  return `  ${calledAt}-${answeredAt} ${JSON.stringify(input.command)} -> ${JSON.stringify(output)}`;
}

function inNames(
  { input, output, ...times }: Operation<{ command: Command; now: number }, Outcome>,
  name: (bookingId: string) => string,
): Operation<{ command: Command; now: number }, Answer> {
  const { command } = input;
  const named = 'bookingId' in command ? { ...command, bookingId: name(command.bookingId) } : command;
  return { ...times, input: { ...input, command: named }, output: output && answerOf(output, name) };
}
