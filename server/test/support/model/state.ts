import type { EventSettings } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** The tickets of one type in the model: `amount` is what each cost, `off` what a voucher took off; absent: no use of it. */
export interface ModelLine {
  type: string;
  count: number;
  amount: number;
  seats: number;
  off?: number;
}

/** A ticket type in the model, without counters: they are counted from the bookings each time. */
export interface ModelType {
  id: string;
  amount: number;
  seats: number;
  limit: number | null;
  /** In milliseconds. */
  from: number | null;
  until: number | null;
  min: number;
  max: number | null;
  hidden: boolean;
  archived: boolean;
  booked: boolean;
}

/** A voucher in the model, without counts: uses are counted from the bookings each time. */
export interface ModelVoucher {
  id: string;
  code: string;
  percent: number | null;
  off: Money | null;
  /** Hidden types that it opens. */
  opens: readonly string[];
  /** The types that its discount is for; null: all. */
  only: readonly string[] | null;
  most: number | null;
  mostEach: number | null;
  /** In milliseconds. */
  from: number | null;
  until: number | null;
  disabled: boolean;
}

/** A booking in the model. The id of an offer's booking is unknown in advance, so its key derives from the entry's. */
export interface ModelBooking {
  key: string;
  user: string;
  seats: number;
  lines: readonly ModelLine[];
  /** The id of its voucher. */
  voucher: string | null;
  currency: string;
  status: 'held' | 'confirmed' | 'cancelled' | 'expired';
  source: 'direct' | 'waitlist';
  /** Held by an account without an address. */
  provisional: boolean;
  /** The account without an address from which its user took it over. */
  adoptedFrom: string | null;
  version: number;
  asked: ModelRequest | null;
  /** The end of a hold, in milliseconds; kept once it has expired. */
  endsAt: number | null;
  endedBy: 'buyer' | 'organiser' | 'event' | 'time' | null;
  /** Checked-in seats. */
  inside: number;
  /** Seats whose own ticket was sent, revoked or scanned, by "t1 2"; replaced, never changed in place. */
  own: ReadonlyMap<string, ModelOwnTicket>;
  /** Requests that cancelled seats or checked some in; replaced, never changed in place. */
  changes: readonly { key: string; part: string }[];
  /** What was cancelled while other tickets stayed, each as one text; replaced, never changed in place. */
  parts: readonly string[];
  madeAt: number;
  /** Whether the hold is past its end while its checkout is still open. */
  settling: boolean;
  attempts: ModelAttempt[];
}

/** One seat's own ticket: how many of its links were revoked, whether the present one was sent, and whether it is inside. */
export interface ModelOwnTicket {
  revoked: number;
  isSent: boolean;
  isInside: boolean;
}

/** What a request asked for, as one text. */
export interface ModelRequest {
  requestId: string;
  what: string;
}

/** A payment attempt and its outcome. */
export interface ModelAttempt {
  key: string;
  asked: number;
  status: 'open' | 'cancelling' | 'ended' | 'paid';
  /** Start of the cancellation, in milliseconds. */
  since: number | null;
  came: number | null;
  bought: boolean;
  /** Amount that is refunded. */
  back: number;
}

/** How many tickets of a type somebody wants. */
export interface Wants {
  type: string;
  count: number;
}

/** A waitlist entry. */
export interface ModelEntry {
  key: string;
  user: string;
  seats: number;
  wants: readonly Wants[];
  status: 'waiting' | 'offered' | 'fulfilled' | 'left' | 'missed' | 'closed';
  version: number;
  asked: ModelRequest[];
  booking: string | null;
}

/** One event in the model: without counters or positions, which are counted from the lists each time. */
export interface ModelState {
  settings: EventSettings;
  /** In the order in which they were made. */
  types: ModelType[];
  typesMade: number;
  vouchers: readonly ModelVoucher[];
  totalSeats: number;
  revision: number;
  movedAt: number | null;
  bookings: ModelBooking[];
  /** Users whose accounts are closed. */
  closed: readonly string[];
  /** Waiting entries by position. */
  waiting: ModelEntry[];
  /** Entries that are offered or ended. */
  answered: ModelEntry[];
}

/** An event with these types and vouchers; without types it has one by its price. */
export function newState(
  settings: EventSettings,
  totalSeats: number,
  revision: number,
  types: readonly ModelType[] = [typeByPrice(settings.price.amount)],
  vouchers: readonly ModelVoucher[] = [],
): ModelState {
  const lists = { closed: [], bookings: [], waiting: [], answered: [] };
  const made = { types: [...types], typesMade: types.length, vouchers };
  return { settings, ...made, totalSeats, revision, movedAt: null, ...lists };
}

function typeByPrice(amount: number): ModelType {
  const open = { limit: null, from: null, until: null, min: 0, max: null, hidden: false, archived: false };
  return { id: 't1', amount, seats: 1, ...open, booked: false };
}

/** A deep copy. */
export function copy(state: ModelState): ModelState {
  return {
    ...state,
    types: state.types.map((type) => ({ ...type })),
    bookings: state.bookings.map((booking) => ({
      ...booking,
      attempts: booking.attempts.map((attempt) => ({ ...attempt })),
    })),
    waiting: state.waiting.map((entry) => ({ ...entry, asked: [...entry.asked] })),
    answered: state.answered.map((entry) => ({ ...entry, asked: [...entry.asked] })),
  };
}

export function liveAttemptOf({ attempts }: ModelBooking): ModelAttempt | undefined {
  return attempts.find(({ status }) => status === 'open' || status === 'cancelling');
}

/** The payment state that a booking shows. In the model no refund ever succeeds. */
export function showsOf({ attempts }: ModelBooking): string {
  const paid = attempts.filter(({ status }) => status === 'paid');
  const shown = attempts.find(({ bought }) => bought) ?? paid.at(-1) ?? attempts.at(-1);
  if (!shown) return 'nothing';
  const { status, asked, came, back } = shown;
  const wrong = status === 'paid' && came !== asked;
  const word =
    status === 'ended' ? 'failed' : back > 0 ? 'refunding' : status === 'paid' && !wrong ? 'succeeded' : 'pending';
  return `${word} ${came ?? asked}`;
}

export function isLive({ status }: ModelBooking): boolean {
  return status === 'held' || status === 'confirmed';
}

export function seatsWhile(state: ModelState, status: ModelBooking['status']): number {
  return state.bookings.reduce((sum, booking) => sum + (booking.status === status ? booking.seats : 0), 0);
}

/** The tickets of a type in bookings of one status. */
export function ticketsWhile(state: ModelState, status: ModelBooking['status'], type: string): number {
  return state.bookings
    .filter((booking) => booking.status === status)
    .flatMap(({ lines }) => lines)
    .reduce((sum, line) => sum + (line.type === type ? line.count : 0), 0);
}

/** What all tickets of a booking cost. */
export function owedFor({ lines, currency }: Pick<ModelBooking, 'lines' | 'currency'>): Money {
  return { amount: lines.reduce((sum, { count, amount }) => sum + count * amount, 0), currency };
}

export function seatsIn(lines: readonly ModelLine[]): number {
  return lines.reduce((sum, { count, seats }) => sum + count * seats, 0);
}

/** The number of tickets of a type among these. */
export function numberOf(tickets: readonly Wants[], type: string): number {
  return tickets.reduce((sum, one) => sum + (one.type === type ? one.count : 0), 0);
}

export function freeSeats(state: ModelState): number {
  return state.totalSeats - seatsWhile(state, 'held') - seatsWhile(state, 'confirmed');
}

export function seatsOf(state: ModelState, user: string): number {
  return state.bookings.reduce(
    (sum, booking) => sum + (booking.user === user && isLive(booking) ? booking.seats : 0),
    0,
  );
}

export function liveHoldOf(state: ModelState, user: string): ModelBooking | undefined {
  return state.bookings.find((booking) => booking.user === user && booking.status === 'held');
}

export function activeEntry(state: ModelState, user: string): ModelEntry | undefined {
  const active = ({ user: who, status }: ModelEntry) => who === user && (status === 'waiting' || status === 'offered');
  return state.waiting.find(active) ?? state.answered.find(active);
}

/** When sales close, in milliseconds: an unset time follows the start. */
export function closesAt({ settings }: ModelState): number {
  return (settings.salesCloseAt ?? settings.startsAt).getTime();
}

/** The key of the booking that is an entry's offer: no entry is offered twice. */
export function offerKey(entry: string): string {
  return `offer of ${entry}`;
}
