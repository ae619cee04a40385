import type { Cancellation, EventSettings, SeatCounters } from '#shared/event.ts';
import type { ImageCaption } from '#shared/images/event-image.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { TicketType } from '#shared/tickets/ticket-type.ts';
import type { Attempt, Refund } from '../payments/attempt.ts';
import type { LoadedVouchers, VoucherState } from '../vouchers/voucher-state.ts';
import type { WaitlistEntryState } from '../waitlist/entry-state.ts';
import type { BookingState } from './booking-state.ts';

/** Where and when an event takes place, as its bookings show it. */
export type TimeAndVenue = Pick<EventSettings, 'startsAt' | 'endsAt' | 'venue' | 'timeZone'>;

/** A move of an event, with time and venue before it. */
export interface EventMove extends TimeAndVenue {
  at: Date;
}

/**
 * A ticket type as the rules see it: its settings, how many of its tickets are held and sold, and whether it was ever
 * booked.
 */
export interface TicketTypeState extends Pick<
  TicketType,
  | 'id'
  | 'name'
  | 'description'
  | 'price'
  | 'seats'
  | 'limit'
  | 'minPerBooking'
  | 'maxPerBooking'
  | 'access'
  | 'archived'
> {
  salesFrom: Date | null;
  salesUntil: Date | null;
  held: number;
  sold: number;
  booked: boolean;
}

/** An image that is stored: its id, the pixels of its widest files, and the widths of all. */
export interface StoredImage {
  id: string;
  width: number;
  height: number;
  widths: number[];
}

/** A stored image as an event shows it. */
export type CaptionedImage = StoredImage & ImageCaption;

/** The id of an event's first ticket type: bookings from before ticket types are of it. */
export const FIRST_TYPE = 't1';
export const FIRST_NAME = 'Ticket';

/** The one ticket type of an event that was made by its price alone. */
export function firstTicketType(price: Money): TicketTypeState {
  return {
    id: FIRST_TYPE,
    name: FIRST_NAME,
    description: '',
    price,
    seats: 1,
    limit: null,
    salesFrom: null,
    salesUntil: null,
    minPerBooking: 0,
    maxPerBooking: null,
    access: 'public',
    archived: false,
    held: 0,
    sold: 0,
    booked: false,
  };
}

/** An event as the rules see it. `settings.price` follows from the ticket types. */
export interface EventState {
  id: string;
  settings: EventSettings;
  counters: SeatCounters;
  /** In the order in which they were made. */
  ticketTypes: readonly TicketTypeState[];
  /** The ids in the order of display. */
  ticketOrder: readonly string[];
  /** How many types were ever made: no id is used again. */
  ticketTypesMade: number;
  /** Counts commits that change seats, payments or the waiting list. */
  version: number;
  /** Counts edits of text and settings. */
  revision: number;
  waitingCount: number;
  /** The latest end of a live hold. */
  holdsUntil: Date | null;
  image: CaptionedImage | null;
  cancelReason: string | null;
  /** The last change of time or venue. */
  movedAt: Date | null;
  /** The moves since its first booking, oldest first. */
  moves: readonly EventMove[];
  /** Whether the server invented the event and no organiser has edited it. */
  isSample: boolean;
}

/** The waiting list, as far as a batch needs it. */
export interface WaitlistState {
  /** By id: entries that a command or a named booking is about. */
  named: ReadonlyMap<string, WaitlistEntryState>;
  /** By `requestKey`: entries that the batch's joins made or changed before, on any event. */
  requests: ReadonlyMap<string, WaitlistEntryState>;
  /** Waiting entries that may fit the seats of this batch, in the order of the list. */
  candidates: readonly WaitlistEntryState[];
  /** Whether there are waiting entries behind the last candidate. */
  hasMore: boolean;
  /** Whether the list was offered the free seats just before, to its end: commands may sell. */
  isServed: boolean;
  /** Ids and codes for the bookings that offers make: one for each entry that may get an offer. */
  offerIds: readonly { bookingId: string; code: string }[];
}

export const EMPTY_WAITLIST: WaitlistState = {
  named: new Map(),
  requests: new Map(),
  candidates: [],
  hasMore: false,
  isServed: false,
  offerIds: [],
};

/** What an event's counters have to be. */
export interface Recounted {
  /** The sums of the ledger. */
  counters: SeatCounters;
  /** Tickets by type; a type that is absent has none. */
  tickets: ReadonlyMap<string, Pick<TicketTypeState, 'held' | 'sold'>>;
  /** By id: uses of each voucher, as the bookings have them. */
  vouchers: ReadonlyMap<string, Pick<VoucherState, 'held' | 'used'>>;
  /** The last number of the ledger; the event's version continues from it. */
  seq: number;
  waitingCount: number;
}

/** Everything that `decide` may look at: the event, and of its bookings only what the commands of the batch name. */
export interface BatchState {
  event: EventState;
  /** By id: bookings that a command names. */
  bookings: ReadonlyMap<string, BookingState>;
  /** By `requestKey`: bookings that the batch's requests made before, on any event. */
  requests: ReadonlyMap<string, BookingState>;
  /** By `changeRequestKey`: bookings that the batch's requests changed before, on any event. */
  changeRequests: ReadonlyMap<string, BookingState>;
  /** By user: the id of the live hold of each buyer and candidate of the batch. */
  liveHolds: ReadonlyMap<string, string>;
  /** By user: held and confirmed seats; filled only if `maxSeatsPerUser` is set. */
  seatsByUser: ReadonlyMap<string, number>;
  /** By booking id, first to last: attempts to pay for the bookings in `bookings`. */
  attempts: ReadonlyMap<string, readonly Attempt[]>;
  /** By `refundRequestKey`: refunds that the batch's organisers asked for before, on any event. */
  refundRequests: ReadonlyMap<string, { attempt: Attempt; refund: Refund }>;
  /** Buyers whose payments the commands settle, and whose accounts are closed. */
  closedAccounts: ReadonlySet<string>;
  /** The latest end among live holds that are not in `bookings`. */
  otherHoldsUntil: Date | null;
  /** Seats in holds of provisional accounts; loaded for their commands only, else 0. */
  provisionalSeats: number;
  /** Whether a booking was ever made; loaded for an edit only, else false. */
  everBooked: boolean;
  /** What cancelling the event takes back; loaded for a `cancelEvent` only. */
  cancellation?: Cancellation;
  /** Loaded for a `recount` only, and absent if the ledger has gaps. */
  recounted?: Recounted;
  waitlist: WaitlistState;
  vouchers: LoadedVouchers;
}

/** When sales close: at the event's start unless another time is set. */
export function salesCloseAt(settings: EventSettings): Date {
  return settings.salesCloseAt ?? settings.startsAt;
}
