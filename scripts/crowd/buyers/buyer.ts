import type { Booking } from '#shared/booking.ts';
import type { Tally } from '../report/tally.ts';
import type { BuyerSocket } from './connection.ts';
import { sendWithRetries } from './connection.ts';
import { chooseTickets } from './choose-tickets.ts';
import type { BookableEvent, LiveEvents } from './live-events.ts';
import type { PaymentMix } from './pay-for-hold.ts';
import { payForHold } from './pay-for-hold.ts';
import type { Action, ActionMix, Random, Range } from './random-choice.ts';
import { ACTIONS, pickNumber, pickOne, pickWeighted } from './random-choice.ts';

/** How many confirmed bookings a buyer remembers, to cancel one of them later. */
const REMEMBERED_BOOKINGS = 50;

export interface BuyerBehaviour {
  mix: ActionMix;
  partySize: Range;
  /** Milliseconds between a reply and the next command. */
  thinkMs: Range;
  /** How holds with a price are paid for; null: not at all. */
  payments: PaymentMix | null;
}

interface BuyerDeps {
  socket: BuyerSocket;
  events: LiveEvents;
  tally: Tally;
  random: Random;
  newRequestId: () => string;
  now: () => Date;
  /** Monotonic milliseconds. */
  monotonicMs: () => number;
  sleep: (ms: number) => Promise<void>;
  signal: AbortSignal;
  /** Called after each acknowledged booking. */
  booked: (booking: Booking) => void;
}

/** A buyer's holds by event, of which the server allows one for each event, and ids of confirmed bookings. */
interface OwnBookings {
  holds: Map<string, string>;
  confirmed: string[];
}

/** Books, looks and cancels until the signal; awaits the in-flight command. */
export async function runBuyer(deps: BuyerDeps, behaviour: BuyerBehaviour): Promise<void> {
  const own: OwnBookings = { holds: new Map(), confirmed: [] };
  deps.socket.on('bookingChanged', (booking) => applyPush(own, booking));
  while (!deps.signal.aborted) {
    await PERFORM[pickWeighted(behaviour.mix, ACTIONS, deps.random)](deps, behaviour, own);
    if (!deps.socket.active) return deps.tally.stopped('connection ended by the server');
    await deps.sleep(pickNumber(behaviour.thinkMs, deps.random));
  }
}

type PerformAction = (deps: BuyerDeps, behaviour: BuyerBehaviour, own: OwnBookings) => Promise<void>;

const PERFORM: Record<Action, PerformAction> = { book, look, cancel };

/** A buyer with a hold on the event, or without a ticket type on sale, only looks at it. */
async function book(deps: BuyerDeps, { partySize, payments }: BuyerBehaviour, own: OwnBookings): Promise<void> {
  const eventId = pickOne(deps.events.eventIds, deps.random);
  const event = deps.events.event(eventId);
  if (!event || own.holds.has(eventId)) return look(deps);
  const chosen = chooseTickets(event, pickNumber(partySize, deps.random), deps.random, deps.now());
  if (!chosen) return look(deps);
  const input = { requestId: deps.newRequestId(), eventId, ...chosen };
  const reply = await timed(deps, 'book', () => sendWithRetries(deps.socket, 'book', input, deps));
  if (reply?.ok) {
    deps.tally.booked(reply.data.seats);
    deps.booked(reply.data);
    rememberBooking(own, reply.data);
    if (payments && reply.data.status === 'held') await payForHold(deps, reply.data, payments);
  } else rememberEarlierHold(own, event, reply?.error.details?.['bookingId']);
}

function rememberBooking({ holds, confirmed }: OwnBookings, booking: Booking): void {
  if (booking.status === 'held') holds.set(booking.eventId, booking.id);
  if (booking.status === 'confirmed') confirmed.push(booking.id);
  if (confirmed.length > REMEMBERED_BOOKINGS) confirmed.shift();
}

/** Removes a hold that has ended, and remembers the booking if the hold was paid for. */
function applyPush(own: OwnBookings, booking: Booking): void {
  if (own.holds.get(booking.eventId) !== booking.id || booking.status === 'held') return;
  own.holds.delete(booking.eventId);
  rememberBooking(own, booking);
}

/** A LIMIT_EXCEEDED refusal names the hold that the account still has from an earlier run. */
function rememberEarlierHold({ holds }: OwnBookings, { eventId }: BookableEvent, bookingId: unknown): void {
  if (typeof bookingId === 'string') holds.set(eventId, bookingId);
}

async function look(deps: BuyerDeps): Promise<void> {
  const eventId = pickOne(deps.events.eventIds, deps.random);
  const reply = await timed(deps, 'look', () => sendWithRetries(deps.socket, 'getEvent', { eventId }, deps));
  if (reply?.ok) deps.events.applyAvailability(reply.data);
}

/** Prefers a hold to a confirmed booking, unless holds are being paid for; with nothing to cancel it looks instead. */
async function cancel(deps: BuyerDeps, { payments }: BuyerBehaviour, own: OwnBookings): Promise<void> {
  const [held] = payments ? [] : own.holds;
  const bookingId = held?.[1] ?? own.confirmed.pop();
  if (!bookingId) return look(deps);
  const send = () => sendWithRetries(deps.socket, 'cancelBooking', { bookingId }, deps);
  const reply = await timed(deps, 'cancel', send);
  // A refusal means that the hold has expired meanwhile.
  if (reply && held) own.holds.delete(held[0]);
}

/** Counts the latency of a command that succeeds, retries included. */
async function timed<T extends { ok: boolean } | null>(
  deps: BuyerDeps,
  action: Action,
  send: () => Promise<T>,
): Promise<T> {
  const startedMs = deps.monotonicMs();
  const reply = await send();
  if (reply?.ok) deps.tally.succeeded(action, deps.monotonicMs() - startedMs);
  return reply;
}
