import type { Booking } from '#shared/booking.ts';
import type { Board, Offer } from './board.ts';
import type { Act, Mix, Random, Range } from './chance.ts';
import { pickAct, pickNumber, pickOne } from './chance.ts';
import type { BuyerSocket } from './connection.ts';
import { ask } from './connection.ts';
import type { Payments } from './payer.ts';
import { payFor } from './payer.ts';
import type { Tally } from '../report/tally.ts';

/** Which of their bookings a buyer remembers, to cancel one of them. */
const REMEMBERED_BOOKINGS = 50;

export interface Habits {
  mix: Mix;
  parties: Range;
  thinkMs: Range;
  payments: Payments | null;
}

export interface BuyerDeps {
  socket: BuyerSocket;
  board: Board;
  tally: Tally;
  random: Random;
  newRequestId: () => string;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  wait: (ms: number) => Promise<void>;
  signal: AbortSignal;
  /** Told of each booking that was made. */
  booked: () => void;
}

/** What a buyer has: holds by event, for one person holds seats of an event once, and confirmed bookings. */
interface Belongings {
  holds: Map<string, string>;
  confirmed: string[];
}

/** Books, looks and cancels until the signal ends it; the command in work is waited for. */
export async function buy(deps: BuyerDeps, habits: Habits): Promise<void> {
  const own: Belongings = { holds: new Map(), confirmed: [] };
  deps.socket.on('bookingChanged', (booking) => see(own, booking));
  while (!deps.signal.aborted) {
    await ACTIONS[pickAct(habits.mix, deps.random)](deps, habits, own);
    if (!deps.socket.active) return deps.tally.stopped('connection ended by the server');
    await deps.wait(pickNumber(habits.thinkMs, deps.random));
  }
}

type Action = (deps: BuyerDeps, habits: Habits, own: Belongings) => Promise<void>;

const ACTIONS: Record<Act, Action> = { book, look, cancel };

/** Whoever holds seats of the event already looks at it again until they let them go. */
async function book(deps: BuyerDeps, habits: Habits, own: Belongings): Promise<void> {
  const eventId = pickOne(deps.board.eventIds, deps.random);
  const offer = deps.board.offer(eventId);
  if (!offer || own.holds.has(eventId)) return look(deps);
  const seats = Math.min(pickNumber(habits.parties, deps.random), offer.maxSeatsPerBooking);
  const input = { requestId: deps.newRequestId(), eventId, seats, price: offer.price };
  const reply = await timed(deps, 'book', () => ask(deps.socket, 'book', input, deps));
  if (reply?.ok) {
    deps.tally.booked(reply.data.seats);
    deps.booked();
    remember(own, reply.data);
    if (habits.payments && reply.data.status === 'held') await payFor(deps, reply.data, habits.payments);
  } else rememberEarlierHold(own, offer, reply?.error.details?.['bookingId']);
}

function remember({ holds, confirmed }: Belongings, booking: Booking): void {
  if (booking.status === 'held') holds.set(booking.eventId, booking.id);
  if (booking.status === 'confirmed') confirmed.push(booking.id);
  if (confirmed.length > REMEMBERED_BOOKINGS) confirmed.shift();
}

/** What the server tells of a hold: it was paid for, or is over. */
function see(own: Belongings, booking: Booking): void {
  if (own.holds.get(booking.eventId) !== booking.id || booking.status === 'held') return;
  own.holds.delete(booking.eventId);
  remember(own, booking);
}

/** A hold of an earlier run, which LIMIT_EXCEEDED names. */
function rememberEarlierHold({ holds }: Belongings, { eventId }: Offer, bookingId: unknown): void {
  if (typeof bookingId === 'string') holds.set(eventId, bookingId);
}

async function look(deps: BuyerDeps): Promise<void> {
  const eventId = pickOne(deps.board.eventIds, deps.random);
  const reply = await timed(deps, 'look', () => ask(deps.socket, 'getEvent', { eventId }, deps));
  if (reply?.ok) deps.board.see(reply.data);
}

/** A hold is let go first, unless it is being paid for; without anything to cancel there is only looking. */
async function cancel(deps: BuyerDeps, { payments }: Habits, own: Belongings): Promise<void> {
  const [held] = payments ? [] : own.holds;
  const bookingId = held?.[1] ?? own.confirmed.pop();
  if (!bookingId) return look(deps);
  const reply = await timed(deps, 'cancel', () => ask(deps.socket, 'cancelBooking', { bookingId }, deps));
  // Refused: it has expired meanwhile, and is gone all the same.
  if (reply && held) own.holds.delete(held[0]);
}

async function timed<T extends { ok: boolean } | null>(deps: BuyerDeps, act: Act, run: () => Promise<T>): Promise<T> {
  const startedMs = deps.monotonic();
  const reply = await run();
  if (reply?.ok) deps.tally.succeeded(act, deps.monotonic() - startedMs);
  return reply;
}
