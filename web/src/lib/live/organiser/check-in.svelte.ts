import type { EventBooking } from '#shared/organiser.ts';
import type { Failure, Reply } from '../connection/connection.svelte.ts';
import type { Organiser } from './organiser.svelte.ts';
import type { CreateAction, RetryableAction } from '../retryable-action.svelte.ts';
import { readScan } from '#lib/organiser/read-scan.ts';

/** The number of finished scans shown. */
const MOST_REMEMBERED = 10;

/**
 * The outcome of a scan. `in`: checked in; `again`: was inside already; `entered`: the seats checked in by this scan.
 * `elsewhere`: a ticket of another event.
 */
export type Admission =
  | { kind: 'in' | 'again'; booking: EventBooking; entered: number }
  | { kind: 'refused'; booking: EventBooking }
  | { kind: 'unknown' | 'elsewhere'; text: string }
  | { kind: 'failed'; text: string; failure: Failure };

/** A finished scan. */
interface Scanned {
  /** Counts the scans from 1. */
  number: number;
  admission: Admission;
}

interface CheckInOptions {
  organiser: Pick<Organiser, 'findByCode' | 'checkIn'>;
  eventId: string;
  createAction: CreateAction;
}

interface ScanInput {
  typed: string;
  /** The seats to check in; undefined: all that are not inside. */
  seats: number | undefined;
}

/** The check-in of one event, scan by scan. A ticket of another event is rejected without a request. */
export class CheckIn {
  readonly #organiser: CheckInOptions['organiser'];
  readonly #eventId: string;
  readonly #scanning: RetryableAction<ScanInput, Admission>;
  #scanned: Scanned[] = $state.raw([]);

  constructor({ organiser, eventId, createAction }: CheckInOptions) {
    this.#organiser = organiser;
    this.#eventId = eventId;
    // One attempt: repeating a check-in of some seats would count them twice, and scanning again is quick.
    this.#scanning = createAction<ScanInput, Admission>((scan) => this.#admit(scan), { mayRepeat: () => false });
  }

  /** The last scans, newest first. */
  get scanned(): readonly Scanned[] {
    return this.#scanned;
  }

  get isBusy(): boolean {
    return this.#scanning.isUnderway;
  }

  /** Checks in `seats` seats (default: all that are not inside) of the booking of a ticket or code. Never rejects. */
  async scan(typed: string, seats?: number): Promise<void> {
    if (typed.trim() === '') return;
    const reply = await this.#scanning.run({ typed, seats });
    if (reply === null) return;
    const { text } = readScan(typed);
    const admission: Admission = reply.ok ? reply.data : { kind: 'failed', text, failure: reply.error };
    const number = (this.#scanned[0]?.number ?? 0) + 1;
    this.#scanned = [{ number, admission }, ...this.#scanned].slice(0, MOST_REMEMBERED);
  }

  async #admit({ typed, seats }: ScanInput): Promise<Reply<Admission>> {
    const { text, code, eventId } = readScan(typed);
    if (eventId !== null && eventId !== this.#eventId) return ok({ kind: 'elsewhere', text });
    const found = await this.#organiser.findByCode(this.#eventId, code);
    if (!found.ok) return found;
    const before = found.data;
    if (before === null) return ok({ kind: 'unknown', text });
    const reply = await this.#organiser.checkIn(text, seats);
    if (reply.ok) return ok(admissionOf(before, { ...before, ...reply.data.booking }, reply.data.repeated));
    if (reply.error.code === 'NOT_FOUND') return ok({ kind: 'unknown', text });
    if (reply.error.code === 'INVALID_STATE') return ok({ kind: 'refused', booking: before });
    return reply;
  }
}

function ok(admission: Admission): Reply<Admission> {
  return { ok: true, data: admission };
}

function admissionOf(before: EventBooking, booking: EventBooking, repeated: boolean): Admission {
  const entered = Math.max(0, booking.checkedInSeats - before.checkedInSeats);
  return { kind: repeated ? 'again' : 'in', booking, entered };
}
