import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import type { Command, Outcome, CommandResult } from '#server/booking/rules/command.ts';
import type { EventSettings } from '#shared/event.ts';
import type { Operation } from '../../support/model/linearizable.ts';
import type { TicketTypeState } from '#server/booking/rules/state/event-state.ts';
import type { Stored } from '../../support/model/picture.ts';
import type { ModelAttempt, ModelBooking, ModelState, ModelType, ModelVoucher } from '../../support/model/state.ts';
import { newState } from '../../support/model/state.ts';
import type { Speaker, Step } from '../../support/model/steps.ts';
import { fieldsOf } from '../../support/model/tickets/edits.ts';
import { modelVoucher } from '../../support/model/vouchers/rules.ts';
import { commandOf } from '../../support/model/steps.ts';

/** Submits a command to an engine; resolves with null if the engine died before it answered. */
export type Port = (eventId: string, command: Command, now: number) => Promise<CommandResult | null>;

/** The commands and answers of one event, as its clients saw them. */
export interface History {
  seed: string;
  eventId: string;
  start: {
    settings: EventSettings;
    types: readonly ModelType[];
    vouchers: readonly ModelVoucher[];
    totalSeats: number;
    revision: number;
  };
  operations: Operation<{ command: Command; now: number }, Outcome>[];
  /** The event's state as far as the clients know it from their answers. */
  seen: ModelState;
  speaker: Speaker;
}

/** Number of clients that act on an event at the same time, each with one command at a time. */
const CLIENTS = 6;
const MOST_TRIES = 20;

/** `stored`: the event as it is before the first command. */
export function newHistory(seed: string, { event, vouchers }: Pick<Stored, 'event' | 'vouchers'>): History {
  const { settings, ticketTypes, counters, revision } = event;
  const offered = { types: ticketTypes.map(seenType), vouchers: vouchers.map(modelVoucher) };
  const start = { settings, ...offered, totalSeats: counters.totalSeats, revision };
  const seen = modelAt(start);
  return { seed, eventId: event.id, start, seen, operations: [], speaker: newSpeaker() };
}

function newSpeaker(): Speaker {
  const users = new Map<number, string>();
  const newId = () => new Types.ObjectId().toHexString();
  const userId = (user: number) => {
    const id = users.get(user) ?? newId();
    users.set(user, id);
    return id;
  };
  return { userId, newId, newRequestId: randomUUID, newCode: randomUUID, last: new Map() };
}

/** The model of an event before the first command. */
export function modelAt({ settings, types, vouchers, totalSeats, revision }: History['start']): ModelState {
  return newState(
    settings,
    totalSeats,
    revision,
    types.map((type) => ({ ...type })),
    vouchers,
  );
}

/** A logical clock that orders calls and answers over all histories. */
let moments = 0;
const moment = () => (moments += 1);

/** Deals the steps out to the clients of an event; each client retries a step by the same request until its answer. */
export async function playRound(history: History, steps: readonly Step[], now: number, port: Port): Promise<void> {
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (const step of steps.filter((__, index) => index % CLIENTS === client)) {
      await ask(history, commandOf(step, history.seen, history.speaker), now, port);
    }
  });
  await Promise.all(clients);
}

/** Sends a command and retries it while there is no answer or a retryable refusal. */
export async function ask(history: History, command: Command, now: number, port: Port): Promise<Outcome> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const sent = withNewIds(command, history.speaker);
    const operation: History['operations'][number] = {
      input: { command: sent, now },
      output: null,
      calledAt: moment(),
      answeredAt: Infinity,
    };
    history.operations.push(operation);
    const settled = await port(history.eventId, sent, now);
    if (!settled || isUnsettled(settled.outcome)) continue;
    operation.output = settled.outcome;
    operation.answeredAt = moment();
    learn(history.seen, settled);
    return settled.outcome;
  }
  throw new Error(`No answer to ${JSON.stringify(command)} in history ${history.seed}`);
}

/** The command as a retry of it comes to the engine: the same request with new ids for what it may create. */
export function withNewIds(command: Command, { newId, newCode }: Speaker): Command {
  if (command.type === 'book') return { ...command, bookingId: newId(), code: newCode() };
  if (command.type === 'checkout') return { ...command, paymentId: newId() };
  return command.type === 'join' ? { ...command, entryId: newId() } : command;
}

/** A stored type as the model has it before any booking. */
function seenType({ id, archived, booked, ...settings }: TicketTypeState): ModelType {
  return { id, ...fieldsOf(settings), archived, booked };
}

function isUnsettled(outcome: Outcome): boolean {
  return !outcome.ok && ['BUSY', 'UNAVAILABLE'].includes(outcome.error.code);
}

export function learn(seen: ModelState, { outcome, event }: CommandResult): void {
  if (event && event.revision >= seen.revision)
    Object.assign(seen, { settings: event.settings, types: event.ticketTypes.map(seenType), revision: event.revision });
  if (!outcome.ok) return;
  const note = (key: string, user: string) => {
    const known = seen.bookings.find((booking) => booking.key === key);
    const { currency } = seen.settings.price;
    const nothingYet = { lines: [], own: new Map(), attempts: [] as ModelAttempt[] };
    const made = { key, user, currency, ...nothingYet } as Partial<ModelBooking> as ModelBooking;
    if (!known) seen.bookings.push(made);
    return known ?? made;
  };
  if ('booking' in outcome) learnBooking(note(outcome.booking.id, outcome.booking.userId), outcome);
  if ('waitlistEntry' in outcome && outcome.waitlistEntry.bookingId)
    note(outcome.waitlistEntry.bookingId, outcome.waitlistEntry.userId);
}

/** Adds the tickets of an outcome, and its checkout with the amount that it asks for, to what the clients know. */
function learnBooking(known: ModelBooking, { booking, attempt }: Extract<Outcome, { booking: unknown }>): void {
  known.lines = booking.tickets.map(({ type, count, price, seats }) => ({ type, count, amount: price.amount, seats }));
  known.own = new Map(
    booking.personalTickets.map(({ type, number, issue, sharedAt, checkedInAt }) => [
      `${type} ${number}`,
      { revoked: issue, isSent: sharedAt !== null, isInside: checkedInAt !== null },
    ]),
  );
  known.currency = booking.tickets[0]?.price.currency ?? known.currency;
  if (!attempt || known.attempts.some(({ key }) => key === attempt.id)) return;
  known.attempts.push({ key: attempt.id, asked: attempt.amount.amount } as ModelAttempt);
}
