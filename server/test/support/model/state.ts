import type { EventSettings } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** A booking in the model. The id of an offer's booking is unknown in advance, so its key derives from the entry's. */
export interface ModelBooking {
  key: string;
  user: string;
  seats: number;
  price: Money;
  status: 'held' | 'confirmed' | 'cancelled' | 'expired';
  source: 'direct' | 'waitlist';
  version: number;
  asked: { requestId: string; seats: number; price: Money | null } | null;
  /** The end of a hold, in milliseconds; kept once it has expired. */
  endsAt: number | null;
  endedBy: 'buyer' | 'organiser' | 'event' | 'time' | null;
  /** Checked-in seats. */
  inside: number;
  /** Requests that cancelled seats or checked some in; replaced, never changed in place. */
  changes: readonly { key: string; seats: number | null }[];
  madeAt: number;
  /** Whether the hold is past its end while its checkout is still open. */
  settling: boolean;
  attempts: ModelAttempt[];
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

/** A waitlist entry. */
export interface ModelEntry {
  key: string;
  user: string;
  seats: number;
  status: 'waiting' | 'offered' | 'fulfilled' | 'left' | 'missed' | 'closed';
  version: number;
  asked: { requestId: string; seats: number }[];
  booking: string | null;
}

/** One event in the model: without counters or positions, which are counted from the lists each time. */
export interface ModelState {
  settings: EventSettings;
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

export function newState(settings: EventSettings, totalSeats: number, revision: number): ModelState {
  return { settings, totalSeats, revision, movedAt: null, closed: [], bookings: [], waiting: [], answered: [] };
}

/** A deep copy. */
export function copy(state: ModelState): ModelState {
  return {
    ...state,
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
