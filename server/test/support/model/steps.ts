import { checkoutCommand } from '../payments/checkout-command.ts';
import fc from 'fast-check';
import type { Command, SettingsChanges } from '#server/booking/rules/command.ts';
import type { ModelBooking, ModelState } from './state.ts';
import type { Part } from './tickets/steps.ts';
import { askedOf, maybeTickets, totalNow, typeList } from './tickets/steps.ts';
import { maybeCode } from './vouchers/steps.ts';

/** A client's action without ids: `user` is a person's number, `which` an index into the bookings made so far. */
export type Step =
  | ({ do: 'book'; user: number; request: Repeat; price: Said; code: Code } & Part)
  | ({ do: 'join'; user: number; request: Repeat } & Part)
  | ({ do: 'hold'; user: number; request: Repeat; price: Said; code: Code } & Part)
  | { do: 'adopt'; which: number; user: number | null; isForeign: boolean }
  | { do: 'leave'; user: number }
  | ({ do: 'changeHold'; which: number; code: Code } & Part)
  | { do: 'confirm' | 'checkout' | 'settle' | 'underpay' | 'unpaid' | 'expire'; which: number }
  | { do: 'cancel'; which: number; part: Part | null; by: 'buyer' | 'organiser' | 'event'; request: Repeat | null }
  | { do: 'checkIn'; which: number; seats: number | null; seat: Seat | null; request: Repeat | null }
  | { do: 'shareTicket' | 'revokeTicket'; which: number; seat: Seat }
  | { do: 'edit'; stale: boolean; changes: SettingsChanges }
  | { do: 'cancelEvent' | 'closeWaitlist' };

/** A seat of a booking: of one of its lines, or of a type that it may lack; `isStale`: by another issue than the valid one. */
interface Seat {
  line: number;
  number: number;
  isStale: boolean;
}

/** The voucher that a buyer names. */
type Code = string | null;

/** What a buyer says of the price. */
type Said = 'unsaid' | 'seen' | 'wrong';

type PayStep = 'confirm' | 'checkout' | 'settle' | 'underpay' | 'unpaid' | 'expire';
/** Steps of a payment; a repeated name makes its step more frequent. */
const PAY_STEPS: readonly PayStep[] = [
  ...([
    'checkout',
    'checkout',
    'checkout',
    'settle',
    'settle',
    'underpay',
    'unpaid',
    'expire',
    'expire',
    'confirm',
  ] as const),
];

/** The number of the first visitor without an address. */
const VISITOR = 20;

/** The request of a command: a new one, the last one repeated, or the last one's id with other input. */
type Repeat = 'new' | 'again' | 'reused';

const user = fc.nat(5);
const which = fc.nat(12);
const seats = fc.integer({ min: 1, max: 5 });
const request = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Repeat>('new') },
  { weight: 2, arbitrary: fc.constant<Repeat>('again') },
  { weight: 1, arbitrary: fc.constant<Repeat>('reused') },
);
const price = fc.oneof(
  { weight: 4, arbitrary: fc.constant('unsaid' as const) },
  { weight: 2, arbitrary: fc.constant('seen' as const) },
  { weight: 1, arbitrary: fc.constant('wrong' as const) },
);
/** Mostly the same few seats, so that they are sent, revoked and scanned one after the other. */
const seat: fc.Arbitrary<Seat> = fc.record({
  line: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(2) }),
  number: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 2 }) }, fc.integer({ min: 1, max: 5 })),
  isStale: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
});
const by = fc.constantFrom('buyer' as const, 'buyer' as const, 'organiser' as const, 'event' as const);

function changesAfter(base: Date): fc.Arbitrary<SettingsChanges> {
  const soon = fc.integer({ min: -30, max: 400 }).map((minutes) => new Date(base.getTime() + minutes * 60_000));
  const totalSeats = fc.integer({ min: 1, max: 14 }).map((seatsNow) => ({ totalSeats: seatsNow }));
  return fc.oneof(
    { weight: 6, arbitrary: totalSeats },
    { weight: 2, arbitrary: fc.option(fc.integer({ min: 1, max: 8 })).map((n) => ({ maxSeatsPerUser: n })) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 5 }).map((n) => ({ maxSeatsPerBooking: n })) },
    { weight: 2, arbitrary: fc.constantFrom(0, 1_500, 2_000).map((n) => ({ price: { amount: n, currency: 'EUR' } })) },
    { weight: 1, arbitrary: fc.constant({ price: { amount: 900, currency: 'CHF' } }) },
    { weight: 4, arbitrary: typeList(base).map((ticketTypes) => ({ ticketTypes })) },
    { weight: 1, arbitrary: fc.option(soon).map((salesOpenAt) => ({ salesOpenAt })) },
    { weight: 1, arbitrary: fc.option(soon).map((salesCloseAt) => ({ salesCloseAt })) },
    { weight: 1, arbitrary: soon.map((startsAt) => ({ startsAt })) },
    { weight: 1, arbitrary: fc.constantFrom('draft' as const, 'published' as const).map((status) => ({ status })) },
  );
}

/** Bookings alone. */
export function aBooking(): fc.Arbitrary<Step> {
  const asked = { seats, tickets: maybeTickets, code: maybeCode };
  return fc.record({ do: fc.constant('book' as const), user, ...asked, request, price });
}

/** A hold by a visitor without an address. */
function aHold(): fc.Arbitrary<Step> {
  const asked = { seats, tickets: maybeTickets, code: maybeCode };
  return fc.record({ do: fc.constant('hold' as const), user, ...asked, request, price });
}

/** Any step of any client; times in edits are near `base`. */
export function anyStep(base: Date): fc.Arbitrary<Step> {
  const named = fc.constantFrom(...PAY_STEPS);
  return fc.oneof(
    { weight: 9, arbitrary: aBooking() },
    {
      weight: 7,
      arbitrary: fc.record({ do: fc.constant('join' as const), user, seats, tickets: maybeTickets, request }),
    },
    { weight: 3, arbitrary: aHold() },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('adopt' as const),
        which: fc.oneof(fc.nat(2), which),
        user: fc.option(user, { freq: 4 }),
        isForeign: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), user }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('changeHold' as const),
        which: fc.nat(4),
        seats,
        tickets: maybeTickets,
        code: maybeCode,
      }),
    },
    // The first bookings are chosen often, because a payment takes many steps.
    { weight: 18, arbitrary: fc.record({ do: named, which: fc.oneof(fc.nat(2), which) }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('cancel' as const),
        which,
        part: fc.option(fc.record({ seats, tickets: maybeTickets })),
        by,
        request: fc.option(request),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('checkIn' as const),
        which,
        seats: fc.option(seats, { freq: 2 }),
        seat: fc.option(seat, { freq: 2 }),
        request: fc.option(request),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('shareTicket' as const, 'revokeTicket' as const), which, seat }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('edit' as const),
        stale: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
        changes: changesAfter(base),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Step>({ do: 'cancelEvent' }, { do: 'closeWaitlist' }, { do: 'closeWaitlist' }),
    },
  );
}

/** What happens in a round of late payments, and the minutes before it. */
interface LateRound {
  afterMinutes: number;
  steps: Step[];
}

/**
 * Rounds of two users whose payments are late: the same few bookings are made, end with their checkouts open, are paid,
 * and are made again.
 */
export function lateRound(): fc.Arbitrary<LateRound> {
  const few = fc.nat(3);
  const code = fc.constantFrom(null, 'HALF', 'HALF', 'TEN');
  const part = { seats: fc.integer({ min: 1, max: 3 }), tickets: fc.constant(null), code };
  const fresh = { request: fc.constant<Repeat>('new'), price: fc.constant('unsaid' as const) };
  const named = (what: PayStep) => fc.record({ do: fc.constant(what), which: few });
  const lowered = fc.integer({ min: 1, max: 3 }).map((maxSeatsPerBooking) => ({ maxSeatsPerBooking }));
  const sold = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('book' as const), user: fc.nat(1), ...part, ...fresh }) },
    { weight: 6, arbitrary: named('checkout') },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('edit' as const), stale: fc.constant(false), changes: lowered }),
    },
  );
  const several = { minLength: 1, maxLength: 5, size: 'max' } as const;
  const ended = [0, 1, 2, 3].map((which): Step => ({ do: 'expire', which }));
  return fc.oneof(
    { weight: 3, arbitrary: lateRoundOf(fc.constant(0), fc.array(sold, several)) },
    { weight: 4, arbitrary: lateRoundOf(fc.constantFrom(1, 11), fc.constant(ended)) },
    { weight: 2, arbitrary: lateRoundOf(fc.constant(0), fc.array(named('settle'), several)) },
  );
}

/** A booking of two tickets or three of the first type, or a part of one that its buyer gives back. */
export function partStep(): fc.Arbitrary<Step> {
  const of = (min: number, max: number) =>
    fc.integer({ min, max }).map((count) => ({ seats: count, tickets: [{ type: 't1', count }] }));
  const fresh = { request: 'new', price: 'unsaid', code: null } as const;
  return fc.oneof(
    fc.record({ user: fc.nat(1), asked: of(2, 3) }).map(({ user: buyer, asked: part }): Step => ({
      do: 'book',
      user: buyer,
      ...part,
      ...fresh,
    })),
    fc.record({ which: fc.nat(2), part: of(1, 2) }).map((one): Step => ({
      do: 'cancel',
      ...one,
      by: 'buyer',
      request: null,
    })),
  );
}

function lateRoundOf(afterMinutes: fc.Arbitrary<number>, steps: fc.Arbitrary<Step[]>): fc.Arbitrary<LateRound> {
  return fc.record({ afterMinutes, steps });
}

/** The source of ids, with the last command of each key for repeats. */
export interface Speaker {
  userId(user: number): string;
  newId(): string;
  newRequestId(): string;
  newCode(): string;
  last: Map<string, Command>;
}

/** Turns a step into a command on the model's state; `bookingId` is the model's key of a booking. */
export function commandOf(step: Step, state: ModelState, speaker: Speaker): Command {
  const admin = speaker.userId(99);
  switch (step.do) {
    case 'book':
      return asRequest({ key: `book ${step.user}`, request: step.request }, speaker, (requestId) => ({
        type: 'book',
        userId: speaker.userId(step.user),
        requestId: requestId ?? '',
        ...asked(step, state),
        bookingId: speaker.newId(),
        code: speaker.newCode(),
      }));
    case 'hold':
      return asRequest({ key: `hold ${step.user}`, request: step.request }, speaker, (requestId) => ({
        type: 'book',
        userId: speaker.userId(VISITOR + step.user),
        requestId: requestId ?? '',
        ...asked(step, state),
        bookingId: speaker.newId(),
        code: speaker.newCode(),
        isProvisional: true,
      }));
    case 'join':
      return asRequest({ key: `join ${step.user}`, request: step.request }, speaker, (requestId) => ({
        type: 'join',
        userId: speaker.userId(step.user),
        requestId: requestId ?? '',
        ...askedOf(step, state),
        entryId: speaker.newId(),
      }));
    case 'leave':
      return { type: 'leave', userId: speaker.userId(step.user) };
    case 'edit': {
      const revision = state.revision - Number(step.stale);
      return { type: 'edit', actor: admin, revision, changes: step.changes };
    }
    case 'cancelEvent':
      return { type: 'cancelEvent', actor: admin, reason: 'Storm' };
    case 'closeWaitlist':
      return { type: 'closeWaitlist' };
    default:
      return onBooking(step, state, speaker, admin);
  }
}

type OnBooking = Extract<Step, { which: number }>;

function onBooking(step: OnBooking, state: ModelState, speaker: Speaker, admin: string): Command {
  const booking = state.bookings[step.which % (state.bookings.length + 1)];
  const bookingId = booking?.key ?? speaker.newId();
  const owner = booking?.user ?? speaker.userId(0);
  switch (step.do) {
    case 'changeHold':
      return {
        type: 'changeHold',
        bookingId,
        actor: owner,
        ...changeOf(step, state),
      };
    case 'confirm':
      return { type: 'confirm', bookingId, actor: owner };
    case 'cancel': {
      const { by: who } = step;
      const part = who === 'event' || !step.part ? { seats: null } : { seats: null, ...askedOf(step.part, state) };
      const actor = who === 'buyer' ? owner : admin;
      // The job that cancels an event's bookings has no request ids.
      const request = who === 'event' ? null : step.request;
      return asRequest({ key: `cancel ${actor}`, request }, speaker, (requestId) => ({
        type: 'cancel',
        bookingId,
        actor,
        by: who,
        requestId,
        ...part,
        reason: null,
      }));
    }
    case 'checkIn':
      return asRequest({ key: 'checkIn', request: step.request }, speaker, (requestId) => ({
        type: 'checkIn',
        bookingId,
        actor: admin,
        requestId,
        seats: step.seats,
        ...(step.seat && { personal: ticketOf(step.seat, booking) }),
      }));
    case 'shareTicket':
    case 'revokeTicket':
      return { type: step.do, bookingId, actor: owner, ticket: ticketOf(step.seat, booking) };
    case 'expire':
      return { type: step.do, bookingId };
    case 'adopt': {
      const from = step.isForeign ? speaker.userId(VISITOR) : owner;
      return { type: 'adoptHold', bookingId, from, userId: step.user === null ? from : speaker.userId(step.user) };
    }
    default:
      return onPayment(step.do, bookingId, booking, speaker);
  }
}

/** One seat's own ticket, by its valid issue unless the step is stale. */
function ticketOf({ line, number, isStale }: Seat, booking: ModelBooking | undefined) {
  const type = booking?.lines[line]?.type ?? `t${line + 1}`;
  const issue = booking?.own.get(`${type} ${number}`)?.revoked ?? 0;
  return { type, number, issue: isStale ? Math.abs(issue - 1) : issue };
}

/** A payment command about the last checkout of the booking. */
function onPayment(
  what: 'checkout' | 'settle' | 'underpay' | 'unpaid',
  bookingId: string,
  booking: ModelBooking | undefined,
  speaker: Speaker,
): Command {
  const owner = booking?.user ?? speaker.userId(0);
  const attempt = booking?.attempts.at(-1);
  const paymentId = attempt?.key ?? speaker.newId();
  switch (what) {
    case 'checkout':
      return checkoutCommand({ bookingId, actor: owner, paymentId: speaker.newId() });
    case 'settle':
    case 'underpay': {
      const amount = {
        amount: (attempt?.asked ?? 1) - Number(what === 'underpay'),
        currency: booking?.currency ?? 'EUR',
      };
      return { type: 'settle', bookingId, paymentId, charge: 'charge', amount };
    }
    case 'unpaid':
      return { type: 'endCheckout', bookingId, paymentId };
    default:
      return what satisfies never;
  }
}

/** What a buyer asks for, with what the buyer says of its price. */
function asked({ price, code, ...part }: Part & { price: Said; code: Code }, state: ModelState) {
  const { currency } = state.settings.price;
  const wanted = withCode(askedOf(part, state), code);
  const now = 'tickets' in wanted ? totalNow(state, wanted.tickets, code) : state.settings.price.amount;
  const seen = price === 'unsaid' || now === null ? null : { amount: now + Number(price === 'wrong'), currency };
  return 'tickets' in wanted ? { ...wanted, total: seen } : { ...wanted, price: seen };
}

function changeOf({ code, ...part }: Part & { code: Code }, state: ModelState) {
  return withCode(askedOf(part, state), code);
}

/** A code is named beside tickets by type, never beside seats alone. */
function withCode(wanted: ReturnType<typeof askedOf>, code: Code) {
  if ('tickets' in wanted) return { ...wanted, voucher: code };
  return code === null ? wanted : { tickets: [{ type: 't1', count: wanted.seats }], voucher: code };
}

/** A command with a new, repeated or reused request id (null: none). `key` names the command and its sender. */
function asRequest(
  { key, request: repeat }: { key: string; request: Repeat | null },
  speaker: Speaker,
  make: (requestId: string | null) => Command & { requestId: string | null },
): Command {
  if (repeat === null) return make(null);
  const last = speaker.last.get(key);
  if (last && repeat === 'again') return last;
  const reused = last && repeat === 'reused' && 'requestId' in last ? last.requestId : null;
  const command = make(reused ?? speaker.newRequestId());
  if (reused === null) speaker.last.set(key, command);
  return command;
}

/** Whether a step is a batch alone: a command about the event, or the (repeated) closing of the waiting list. */
export function isAlone({ do: what }: Step): boolean {
  return what === 'edit' || what === 'cancelEvent' || what === 'closeWaitlist';
}

/** Divides steps that are submitted together into the engine's batches. */
export function inBatches(steps: readonly Step[]): Step[][] {
  const batches: Step[][] = [];
  for (const step of steps) {
    const last = batches.at(-1);
    if (last && !isAlone(step) && !last.some(isAlone)) last.push(step);
    else batches.push([step]);
  }
  return batches;
}
