import { checkoutCommand } from '../../../test/support/payments/checkout-command.ts';
import fc from 'fast-check';
import type { BookingState } from './state/booking-state.ts';
import { requestKey } from './state/booking-state.ts';
import type { Command, Decision, Outcome } from './command.ts';
import { decide } from './decide.ts';
import { book, cancel, edit, idOf, stateOf } from './decide.fixture.ts';
import type { EventState, BatchState, WaitlistState } from './state/event-state.ts';
import type { Attempt } from './payments/attempt.ts';
import { onceIn } from './histories.fixture.ts';
import { payCommand, requestsOf } from './payments/world-payments.fixture.ts';
import { usesOf } from './vouchers/apply.ts';
import type { LoadedVouchers, VoucherState } from './vouchers/voucher-state.ts';
import { ticketsKey } from './vouchers/voucher-state.ts';
import type { WaitlistEntryState } from './waitlist/entry-state.ts';
import { isActiveEntry } from './waitlist/entry-state.ts';

/** A command without ids: `user` is a user's number, `which` an index into the bookings made so far. */
type Step =
  | { do: 'book'; user: number; seats: number; again: boolean }
  | { do: 'join'; user: number; seats: number; again: boolean }
  | { do: 'leave'; user: number }
  | { do: 'resizeHold'; which: number; seats: number }
  | { do: 'confirm' | 'expire' | PayStep; which: number }
  | { do: 'cancel'; which: number; seats: number | null; organiser: boolean; request: number | null }
  | { do: 'checkIn'; which: number; seats: number | null; request: number | null }
  | { do: 'capacity'; totalSeats: number }
  | { do: 'cancelEvent' }
  | { do: 'closeWaitlist' };

const PAY_STEPS = [
  'settle',
  'underpay',
  'unpaid',
  'declined',
  'cancelCheckout',
  'refund',
  'refused',
  'again',
  'part',
  'byHand',
] as const;
type PayStep = 'checkout' | (typeof PAY_STEPS)[number];

const user = fc.nat(5);
const which = fc.nat(30);
const seats = fc.integer({ min: 1, max: 5 });
/** A request id from a small set, so that some commands repeat an id and some reuse it with other input. */
const request = fc.option(fc.nat(3));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('book' as const), user, seats, again: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('join' as const), user, seats, again: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), user }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('resizeHold' as const), which, seats }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('confirm' as const, 'expire' as const), which }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('checkout' as const), which }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constantFrom<PayStep>('settle', 'settle', ...PAY_STEPS), which }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('cancel' as const),
      which,
      seats: fc.option(seats),
      organiser: fc.boolean(),
      request,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('checkIn' as const), which, seats: fc.option(seats), request }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('capacity' as const), totalSeats: fc.integer({ min: 1, max: 14 }) }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'cancelEvent' }, { do: 'closeWaitlist' }) },
);

/** An event's settings and its commands, batch by batch, with time passing between batches. */
export const scenario = fc.record({
  priced: fc.boolean(),
  currency: fc.constantFrom('EUR', 'KWD'),
  maxSeatsPerUser: fc.option(fc.integer({ min: 1, max: 9 })),
  totalSeats: fc.integer({ min: 1, max: 8 }),
  salesMinutes: fc.integer({ min: 5, max: 400 }),
  /** Waitlist entries that a batch loads: few, so that waiting lists are longer. */
  pageSize: fc.integer({ min: 1, max: 4 }),
  batches: fc.array(
    fc.record({
      afterMinutes: fc.nat(30),
      closes: onceIn(8, user),
      steps: fc.array(step, { minLength: 1, maxLength: 8 }),
    }),
    {
      minLength: 1,
      maxLength: 8,
    },
  ),
});

export type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

/** One commit. */
export interface Committed {
  /** The waiting entries that were eligible for an offer, as they were before the commit, by id. */
  before: ReadonlyMap<string, WaitlistEntryState>;
  decision: Decision;
  commands: readonly Command[];
}

/** Plays the database and the engine: stores decisions, loads states from them, and serves long waiting lists. */
export class World {
  readonly bookings = new Map<string, BookingState>();
  readonly entries = new Map<string, WaitlistEntryState>();
  /** The payment attempts of each booking, oldest first. */
  readonly attempts = new Map<string, readonly Attempt[]>();
  readonly vouchers = new Map<string, VoucherState>();
  /** Users whose accounts are closed. */
  readonly closed = new Set<string>();
  readonly sums = { available: 0, held: 0, sold: 0 };
  readonly commits: Committed[] = [];
  event: EventState;
  now: Date;
  readonly #pageSize: number;
  readonly #last = new Map<string, Command>();
  #made = 0;

  constructor(settings: Parameters<typeof stateOf>[0], totalSeats: number, pageSize: number, now: Date) {
    this.event = { ...stateOf(settings, [], totalSeats).event, version: 1 };
    this.now = now;
    this.sums.available = totalSeats;
    this.#pageSize = pageSize;
  }

  /** Runs a batch as the engine does: a waiting list longer than a load is served to its end before the next sale. */
  run(commands: readonly Command[]): Outcome[] {
    const outcomes: Outcome[] = [];
    let isServed = false;
    while (outcomes.length < commands.length) {
      const decision = this.#commit(commands.slice(outcomes.length), isServed);
      outcomes.push(...decision.outcomes);
      for (let after = decision.offerAfter; after !== null;) {
        after = this.#commit([{ type: 'offer', after }], false).offerAfter;
      }
      isServed = true;
    }
    return outcomes;
  }

  command(step: Step): Command {
    const picked =
      'which' in step ? [...this.bookings.values()][step.which % Math.max(this.bookings.size, 1)] : undefined;
    const bookingId = picked?.id ?? idOf('unknown');
    switch (step.do) {
      case 'book':
        return this.#request(`book${step.user}`, step.again, (requestId) =>
          book(`u${step.user}`, step.seats, { requestId, bookingId: idOf(`b${requestId}`) }),
        );
      case 'join':
        return this.#request(`join${step.user}`, step.again, (requestId) => ({
          type: 'join',
          userId: idOf(`u${step.user}`),
          requestId,
          seats: step.seats,
          entryId: idOf(`w${requestId}`),
        }));
      case 'leave':
        return { type: 'leave', userId: idOf(`u${step.user}`) };
      case 'resizeHold':
        return { type: 'changeHold', bookingId, actor: idOf('anybody'), seats: step.seats };
      case 'confirm':
        return { type: 'confirm', bookingId, actor: idOf('anybody') };
      case 'expire':
        return { type: step.do, bookingId };
      case 'cancel':
        return picked
          ? cancel(picked, {
              seats: step.seats,
              by: step.organiser ? 'organiser' : 'buyer',
              requestId: requestIdOf(step.request),
            })
          : { type: 'expire', bookingId };
      case 'checkIn':
        return {
          type: 'checkIn',
          bookingId,
          actor: idOf('admin'),
          requestId: requestIdOf(step.request),
          seats: step.seats,
        };
      case 'capacity':
        return edit({ totalSeats: step.totalSeats }, this.event.revision);
      case 'cancelEvent':
        return { type: 'cancelEvent', actor: idOf('admin'), reason: 'Storm' };
      case 'closeWaitlist':
        return { type: 'closeWaitlist' };
      default:
        return this.#paymentCommand(step.do, picked, bookingId);
    }
  }

  /** A command about the last attempt to pay for a booking. */
  #paymentCommand(what: PayStep, picked: BookingState | undefined, bookingId: string): Command {
    const actor = picked?.userId ?? idOf('nobody');
    this.#made += 1;
    if (what === 'checkout') {
      // Stripe refunds some currencies in steps.
      return { ...checkoutCommand({ bookingId, actor, paymentId: idOf(`p${this.#made}`) }), provider: 'stripe' };
    }
    return payCommand(what, {
      bookingId,
      actor,
      attempt: this.attempts.get(bookingId)?.at(-1),
      made: this.#made,
      now: this.now,
    });
  }

  seatsOf(userId: string): number {
    return this.live().reduce((sum, booking) => sum + (booking.userId === userId ? booking.seats : 0), 0);
  }

  live(): BookingState[] {
    return [...this.bookings.values()].filter(({ status }) => status === 'held' || status === 'confirmed');
  }

  waiting(): WaitlistEntryState[] {
    return [...this.entries.values()].filter(({ status }) => status === 'waiting').sort((a, b) => a.place - b.place);
  }

  /** Whether an entry may get an offer: its user has no live hold, and stays within the limit. */
  isEligible({ userId, seats }: WaitlistEntryState): boolean {
    const { maxSeatsPerUser } = this.event.settings;
    return !this.hasHold(userId) && (maxSeatsPerUser === null || this.seatsOf(userId) + seats <= maxSeatsPerUser);
  }

  hasHold(userId: string): boolean {
    return this.live().some((booking) => booking.status === 'held' && booking.userId === userId);
  }

  #request(key: string, again: boolean, make: (requestId: string) => Command): Command {
    const last = this.#last.get(key);
    if (again && last) return last;
    this.#made += 1;
    const command = make(`r${this.#made}`);
    this.#last.set(key, command);
    return command;
  }

  #commit(commands: readonly Command[], isServed: boolean): Decision {
    const before = new Map(this.waiting().flatMap((e) => (this.isEligible(e) ? [[e.id, e] as const] : [])));
    const decision = decide(this.#load(commands, isServed), commands, this.now);
    this.commits.push({ before, decision, commands });
    for (const booking of decision.newBookings) this.bookings.set(booking.id, booking);
    for (const { booking } of decision.changedBookings) this.bookings.set(booking.id, booking);
    for (const { attempt } of decision.changedAttempts) this.#keep(attempt);
    for (const { voucher } of decision.changedVouchers) this.vouchers.set(voucher.id, voucher);
    for (const entry of decision.newWaitlistEntries) this.entries.set(entry.id, entry);
    for (const { entry } of decision.changedWaitlistEntries) this.entries.set(entry.id, entry);
    for (const entry of decision.ledgerEntries) {
      this.sums.available += entry.available;
      this.sums.held += entry.held;
      this.sums.sold += entry.sold;
    }
    this.event = decision.event;
    return decision;
  }

  #keep(attempt: Attempt): void {
    const others = (this.attempts.get(attempt.bookingId) ?? []).filter(({ id }) => id !== attempt.id);
    const all = [...others, attempt].sort((a, b) => a.attempt - b.attempt);
    this.attempts.set(attempt.bookingId, all);
  }

  /** Loads all bookings, and a page of the waiting list like store/waitlist-entries.ts. */
  #load(commands: readonly Command[], isServed: boolean): BatchState {
    const bookings = [...this.bookings.values()];
    const live = this.live();
    const seatsByUser = new Map(live.map(({ userId }) => [userId, this.seatsOf(userId)]));
    return {
      event: this.event,
      bookings: new Map(this.bookings),
      requests: new Map(
        bookings.flatMap((b) => {
          const senders = [b.userId, b.adoptedFrom].filter((sender) => sender !== null);
          const { requestId } = b;
          return requestId === null ? [] : senders.map((sender) => [requestKey(sender, requestId), b] as const);
        }),
      ),
      changeRequests: new Map(bookings.flatMap((b) => b.changeRequests.map(({ key }) => [key, b] as const))),
      liveHolds: new Map(live.filter(({ status }) => status === 'held').map(({ userId, id }) => [userId, id])),
      seatsByUser,
      attempts: this.attempts,
      closedAccounts: this.closed,
      refundRequests: requestsOf([...this.attempts.values()].flat()),
      otherHoldsUntil: null,
      provisionalSeats: live.reduce((sum, b) => sum + (b.status === 'held' && b.provisional ? b.seats : 0), 0),
      everBooked: this.bookings.size > 0,
      waitlist: this.#loadWaitlist(commands, isServed),
      vouchers: this.#loadVouchers(),
    };
  }

  /** Loads all vouchers, with the tickets of each user. */
  #loadVouchers(): LoadedVouchers {
    const ticketsByUser = new Map<string, number>();
    for (const { voucher, userId, tickets } of this.live()) {
      if (!voucher) continue;
      const key = ticketsKey(voucher.id, userId);
      ticketsByUser.set(key, (ticketsByUser.get(key) ?? 0) + usesOf(tickets));
    }
    return { byId: new Map(this.vouchers), ticketsByUser };
  }

  #loadWaitlist(commands: readonly Command[], isServed: boolean): WaitlistState {
    const after = commands.reduce((place, command) => (command.type === 'offer' ? command.after : place), 0);
    const candidates = this.waiting()
      .filter(({ place }) => place > after)
      .slice(0, this.#pageSize);
    const answered = new Set(commands.flatMap((command) => ('bookingId' in command ? [command.bookingId] : [])));
    const named = [...this.entries.values()].filter(
      (entry) =>
        isActiveEntry(entry) ||
        (entry.bookingId !== null && answered.has(entry.bookingId)) ||
        commands.some((command) => command.type === 'leave' && command.userId === entry.userId),
    );
    this.#made += 1;
    return {
      named: new Map(named.map((entry) => [entry.id, entry])),
      requests: new Map(
        [...this.entries.values()].flatMap((e) =>
          e.requests.map((r) => [requestKey(e.userId, r.requestId), e] as const),
        ),
      ),
      candidates,
      hasMore: candidates.length === this.#pageSize,
      isServed,
      offerIds: Array.from({ length: 40 }, (_, i) => ({
        bookingId: idOf(`o${this.#made}.${i}`),
        code: `O${this.#made}.${i}`,
      })),
    };
  }
}

/** The bookings that a commit has made or changed, as it left them. */
export function bookingsOf({ newBookings, changedBookings }: Decision): BookingState[] {
  return [...newBookings, ...changedBookings.map(({ booking }) => booking)];
}

function requestIdOf(request: number | null): string | null {
  return request === null ? null : `change${request}`;
}
