import type { EventBooking } from '#shared/organiser.ts';
import type { Failure } from '../connection/connection.svelte.ts';
import type { Organiser } from './organiser.svelte.ts';
import { readScan } from '#lib/organiser/scan.ts';

/** Enough to see whom one has just let in. */
const MOST_REMEMBERED = 10;

/** What a scan came to. `entered`: seats that have come in by it. */
export type Admission =
  | { kind: 'in' | 'again'; guest: EventBooking; entered: number }
  | { kind: 'refused'; guest: EventBooking }
  | { kind: 'unknown' | 'elsewhere'; text: string }
  | { kind: 'failed'; text: string; failure: Failure };

export interface Scanned {
  /** Counts up: newer ones have a higher one. */
  number: number;
  admission: Admission;
}

/** One door of one event: tickets of other events are told apart before anybody is let in by them. */
export class Door {
  readonly #organiser: Pick<Organiser, 'findGuest' | 'checkIn'>;
  readonly #eventId: string;
  #scanned: Scanned[] = $state.raw([]);
  #isBusy = $state(false);

  constructor(organiser: Pick<Organiser, 'findGuest' | 'checkIn'>, eventId: string) {
    this.#organiser = organiser;
    this.#eventId = eventId;
  }

  /** The last scans, newest first. */
  get scanned(): readonly Scanned[] {
    return this.#scanned;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Lets in whoever's ticket or code that is, with all seats that are still outside or so many. */
  async scan(typed: string, seats?: number): Promise<void> {
    if (typed.trim() === '' || this.#isBusy) return;
    this.#isBusy = true;
    const admission = await this.#admit(typed, seats);
    this.#isBusy = false;
    const number = (this.#scanned[0]?.number ?? 0) + 1;
    this.#scanned = [{ number, admission }, ...this.#scanned].slice(0, MOST_REMEMBERED);
  }

  async #admit(typed: string, seats?: number): Promise<Admission> {
    const { text, code, eventId } = readScan(typed);
    if (eventId !== null && eventId !== this.#eventId) return { kind: 'elsewhere', text };
    const found = await this.#organiser.findGuest(this.#eventId, code);
    if (!found.ok) return { kind: 'failed', text, failure: found.error };
    const guest = found.data;
    if (guest === null) return { kind: 'unknown', text };
    const reply = await this.#organiser.checkIn(text, seats);
    if (reply.ok) return admitted(guest, { ...guest, ...reply.data.booking }, reply.data.repeated);
    if (reply.error.code === 'NOT_FOUND') return { kind: 'unknown', text };
    if (reply.error.code === 'INVALID_STATE') return { kind: 'refused', guest };
    return { kind: 'failed', text, failure: reply.error };
  }
}

function admitted(before: EventBooking, guest: EventBooking, repeated: boolean): Admission {
  const entered = Math.max(0, guest.checkedInSeats - before.checkedInSeats);
  return { kind: repeated ? 'again' : 'in', guest, entered };
}
