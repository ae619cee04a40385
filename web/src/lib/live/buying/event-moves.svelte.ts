import type { Booking } from '#shared/booking.ts';
import type { TextStorage } from '../text-storage.ts';

const KEY = 'frontrow.places';
const MOST_PLACES = 200;

/** Start and venue of an event, as the buyer last saw them. */
type KnownPlace = Pick<Booking['event'], 'startsAt' | 'venue'>;

/** The start and the venue that the buyer knows of each booked event, to show a move of the event until it is read. */
export class EventMoves {
  readonly #storage: TextStorage;
  #noted: Record<string, KnownPlace> = $state.raw({});

  constructor(storage: TextStorage) {
    this.#storage = storage;
    this.#noted = parsePlaces(storage.getItem(KEY));
  }

  /** Stores start and venue of a confirmed booking that this browser sees for the first time. */
  note(booking: Booking): void {
    if (booking.status === 'confirmed' && !(booking.id in this.#noted)) this.accept(booking);
  }

  /** Start and venue before the event moved; null if the event has not moved. */
  before(booking: Booking): KnownPlace | null {
    const noted = this.#noted[booking.id];
    if (noted === undefined || booking.status !== 'confirmed') return null;
    const { startsAt, venue } = booking.event;
    return noted.startsAt === startsAt && noted.venue === venue ? null : noted;
  }

  /** Stores the present start and venue: the buyer has read them. */
  accept(booking: Booking): void {
    const { startsAt, venue } = booking.event;
    const { [booking.id]: _, ...others } = this.#noted;
    const places = [...Object.entries(others), [booking.id, { startsAt, venue }] as const].slice(-MOST_PLACES);
    this.#noted = Object.fromEntries(places);
    this.#storage.setItem(KEY, JSON.stringify(this.#noted));
  }

  /** Forgets all bookings, in storage too. */
  clear(): void {
    this.#noted = {};
    this.#storage.removeItem(KEY);
  }
}

/** The stored places; what is not in the format of `accept` is left out. */
function parsePlaces(text: string | null): Record<string, KnownPlace> {
  try {
    const stored = Object.entries(JSON.parse(text ?? '{}') as Record<string, Partial<KnownPlace> | null>);
    return Object.fromEntries(
      stored.filter((entry): entry is [string, KnownPlace] => {
        return typeof entry[1]?.startsAt === 'string' && typeof entry[1].venue === 'string';
      }),
    );
  } catch {
    return {};
  }
}
