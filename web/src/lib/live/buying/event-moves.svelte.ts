import type { Booking } from '#shared/booking.ts';
import type { TextStorage } from '../text-storage.ts';

const KEY = 'frontrow.places';
const MOST_PLACES = 200;

/** When and where an event takes place, as its buyer last took note of it. */
export type Place = Pick<Booking['event'], 'startsAt' | 'venue'>;

/** Tells which of somebody's bookings are for events that moved since that was last read here. */
export class EventMoves {
  readonly #storage: TextStorage;
  #noted: Record<string, Place> = $state.raw({});

  constructor(storage: TextStorage) {
    this.#storage = storage;
    this.#noted = parsePlaces(storage.getItem(KEY));
  }

  /** Takes note of a booking that is seen for the first time. */
  note(booking: Booking): void {
    if (booking.status === 'confirmed' && !(booking.id in this.#noted)) this.accept(booking);
  }

  /** Where and when the event was to be before it moved; null where it did not. */
  before(booking: Booking): Place | null {
    const noted = this.#noted[booking.id];
    if (noted === undefined || booking.status !== 'confirmed') return null;
    const { startsAt, venue } = booking.event;
    return noted.startsAt === startsAt && noted.venue === venue ? null : noted;
  }

  /** The reader knows now. */
  accept(booking: Booking): void {
    const { startsAt, venue } = booking.event;
    const { [booking.id]: _, ...others } = this.#noted;
    const places = [...Object.entries(others), [booking.id, { startsAt, venue }] as const].slice(-MOST_PLACES);
    this.#noted = Object.fromEntries(places);
    this.#storage.setItem(KEY, JSON.stringify(this.#noted));
  }

  clear(): void {
    this.#noted = {};
    this.#storage.removeItem(KEY);
  }
}

/** What was stored, without anything that this page would not write. */
function parsePlaces(text: string | null): Record<string, Place> {
  try {
    const stored = Object.entries(JSON.parse(text ?? '{}') as Record<string, Partial<Place> | null>);
    return Object.fromEntries(
      stored.filter((entry): entry is [string, Place] => {
        return typeof entry[1]?.startsAt === 'string' && typeof entry[1].venue === 'string';
      }),
    );
  } catch {
    return {};
  }
}
