import type { EventSettings } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** What the model knows of a booking. Offers have no id that could be foreseen: they are named after their entry. */
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
  /** Seats that have come in at the door. */
  inside: number;
  madeAt: number;
  /** It is over, and its checkout is not. */
  settling: boolean;
  attempts: ModelAttempt[];
}

/** An attempt to pay, and what became of its money. */
export interface ModelAttempt {
  key: string;
  asked: number;
  status: 'open' | 'cancelling' | 'ended' | 'paid';
  /** Since when it is being cancelled. */
  since: number | null;
  came: number | null;
  bought: boolean;
  /** What goes back of it. */
  back: number;
}

/** A party on the list, or what became of it. */
export interface ModelParty {
  key: string;
  user: string;
  seats: number;
  status: 'waiting' | 'offered' | 'fulfilled' | 'left' | 'missed' | 'closed';
  version: number;
  asked: { requestId: string; seats: number }[];
  booking: string | null;
}

/** One event as the model sees it: no counters, no places, nothing that could be read off instead of being counted. */
export interface ModelState {
  settings: EventSettings;
  totalSeats: number;
  revision: number;
  movedAt: number | null;
  bookings: ModelBooking[];
  /** Those who wait, in their order. */
  line: ModelParty[];
  /** Those who have an offer or have had their answer. */
  answered: ModelParty[];
}

export function newState(settings: EventSettings, totalSeats: number, revision: number): ModelState {
  return { settings, totalSeats, revision, movedAt: null, bookings: [], line: [], answered: [] };
}

/** A copy that can be changed without a trace in the first. */
export function copy(state: ModelState): ModelState {
  return {
    ...state,
    bookings: state.bookings.map((booking) => ({
      ...booking,
      attempts: booking.attempts.map((attempt) => ({ ...attempt })),
    })),
    line: state.line.map((party) => ({ ...party, asked: [...party.asked] })),
    answered: state.answered.map((party) => ({ ...party, asked: [...party.asked] })),
  };
}

export function liveAttemptOf({ attempts }: ModelBooking): ModelAttempt | undefined {
  return attempts.find(({ status }) => status === 'open' || status === 'cancelling');
}

/** What a booking shows of its payment; here no refund ever gets through. */
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

export function activeParty(state: ModelState, user: string): ModelParty | undefined {
  const active = ({ user: who, status }: ModelParty) => who === user && (status === 'waiting' || status === 'offered');
  return state.line.find(active) ?? state.answered.find(active);
}

/** When sales close, in milliseconds: an unset time follows the start. */
export function closesAt({ settings }: ModelState): number {
  return (settings.salesCloseAt ?? settings.startsAt).getTime();
}

/** The name of the booking that an entry is offered: no entry is offered twice. */
export function offerKey(entry: string): string {
  return `offer of ${entry}`;
}
