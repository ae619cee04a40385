import type { CheckInResult, EventBooking, ScannedSeat } from '#shared/organiser.ts';
import type { Failure, Reply } from '../connection/connection.svelte.ts';
import type { PendingRequest, PendingRequestSlot } from '../pending-request.ts';
import type { Organiser } from './organiser.svelte.ts';
import type { CreateAction, RetryableAction } from '../retryable-action.svelte.ts';
import type { ScannedText } from '#lib/organiser/read-scan.ts';
import { readScan } from '#lib/organiser/read-scan.ts';

/** The number of finished scans shown. */
const MOST_REMEMBERED = 10;

/**
 * The outcome of a scan. `in`: checked in; `again`: was inside already; `entered`: the seats checked in by this scan.
 * `seat`: the one whose own ticket was scanned. `invalid`: why that ticket admits no one, while its booking stands.
 * `elsewhere`: a ticket of another event; `stopped`: the organiser ended the attempts, so the outcome is not known.
 */
export type Admission =
  | { kind: 'in' | 'again'; booking: EventBooking; entered: number; seat?: ScannedSeat }
  | { kind: 'refused'; booking: EventBooking; invalid?: 'revoked' | 'cancelled' }
  | { kind: 'unknown' | 'elsewhere' | 'stopped'; text: string }
  | { kind: 'failed'; text: string; failure: Failure };

/** A finished scan. */
interface Scanned {
  /** Counts the scans from 1. */
  number: number;
  admission: Admission;
}

interface CheckInOptions {
  organiser: Pick<Organiser, 'findByCode' | 'findById' | 'checkIn'>;
  eventId: string;
  createAction: CreateAction;
}

interface ScanInput {
  typed: string;
  /** The seats to check in; undefined: all that are not inside. */
  seats: number | undefined;
}

/**
 * The check-in of one event, scan by scan: a scan during another one waits for its turn. A ticket of another event is
 * rejected without a request. Each scan is sent until its outcome is known; scanning again what had no answer repeats
 * the same request, so that nobody is counted twice.
 */
export class CheckIn {
  readonly #organiser: CheckInOptions['organiser'];
  readonly #eventId: string;
  readonly #slot = new ScanSlot();
  readonly #scanning: RetryableAction<ScanInput, Admission>;
  #waiting: readonly ScanInput[] = $state.raw([]);
  #isWorking = false;
  #scanned: Scanned[] = $state.raw([]);
  /** The booking as it was before the first attempt of this request. */
  #found: { requestId: string; booking: EventBooking } | null = null;

  constructor({ organiser, eventId, createAction }: CheckInOptions) {
    this.#organiser = organiser;
    this.#eventId = eventId;
    this.#scanning = createAction<ScanInput, Admission>((scan, requestId) => this.#admit(scan, requestId), {
      slot: this.#slot,
    });
  }

  /** The last scans, newest first. */
  get scanned(): readonly Scanned[] {
    return this.#scanned;
  }

  get isBusy(): boolean {
    return this.#scanning.isUnderway;
  }

  /** The number of scans that wait for the present one. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The attempts of the present scan, for a notice that can stop them. */
  get attempts(): Pick<RetryableAction<ScanInput, Admission>, 'state' | 'stop'> {
    return this.#scanning;
  }

  /**
   * Checks in `seats` seats (default: all that are not inside) of the booking of a ticket or code, after the scans that
   * wait already. Resolves when no scan waits any more, at once if another call works on them. Never rejects.
   */
  async scan(typed: string, seats?: number): Promise<void> {
    if (typed.trim() === '') return;
    this.#waiting = [...this.#waiting, { typed, seats }];
    if (this.#isWorking) return;
    this.#isWorking = true;
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      this.#waiting = this.#waiting.slice(1);
      await this.#run(next);
    }
    this.#isWorking = false;
  }

  async #run(scan: ScanInput): Promise<void> {
    this.#slot.select(scan);
    const reply = await this.#scanning.run(scan);
    const { text } = readScan(scan.typed);
    const number = (this.#scanned[0]?.number ?? 0) + 1;
    this.#scanned = [{ number, admission: outcomeOf(reply, text) }, ...this.#scanned].slice(0, MOST_REMEMBERED);
  }

  async #admit({ typed, seats }: ScanInput, requestId: string): Promise<Reply<Admission>> {
    const scanned = readScan(typed);
    const { text, eventId } = scanned;
    if (eventId !== null && eventId !== this.#eventId) return ok({ kind: 'elsewhere', text });
    const found = await this.#find(scanned, requestId);
    if (!found.ok) return found;
    const before = found.data;
    if (before === null) return ok({ kind: 'unknown', text });
    const reply = await this.#organiser.checkIn({ ticket: text, requestId, ...(seats !== undefined && { seats }) });
    if (reply.ok) return ok(admissionOf(before, { ...before, ...reply.data.booking }, reply.data));
    if (reply.error.code === 'NOT_FOUND') return ok({ kind: 'unknown', text });
    if (reply.error.code === 'INVALID_STATE') return ok(refusedOf(before, reply.error));
    return reply;
  }

  /** The booking before the request's first attempt: that attempt may have checked seats in without an answer. */
  async #find({ code, bookingId }: ScannedText, requestId: string): Promise<Reply<EventBooking | null>> {
    if (this.#found?.requestId === requestId) return { ok: true, data: this.#found.booking };
    const found = await (bookingId === null
      ? this.#organiser.findByCode(this.#eventId, code)
      : this.#organiser.findById(this.#eventId, bookingId));
    if (found.ok && found.data !== null) this.#found = { requestId, booking: found.data };
    return found;
  }
}

/** The pending requests of all scans without an answer; `select` chooses the scan that the slot is about. */
class ScanSlot implements PendingRequestSlot<ScanInput> {
  readonly #pending = new Map<string, PendingRequest<ScanInput>>();
  #selected = '';

  select({ typed, seats }: ScanInput): void {
    this.#selected = `${readScan(typed).code} ${seats ?? 'all'}`;
  }

  read(): PendingRequest<ScanInput> | null {
    return this.#pending.get(this.#selected) ?? null;
  }

  keep(request: PendingRequest<ScanInput>): void {
    this.#pending.set(this.#selected, request);
  }

  clear(): void {
    this.#pending.delete(this.#selected);
  }
}

function ok(admission: Admission): Reply<Admission> {
  return { ok: true, data: admission };
}

function outcomeOf(reply: Reply<Admission> | null, text: string): Admission {
  if (reply === null) return { kind: 'stopped', text };
  return reply.ok ? reply.data : { kind: 'failed', text, failure: reply.error };
}

function admissionOf(
  before: EventBooking,
  booking: EventBooking,
  { repeated, personal }: Pick<CheckInResult, 'repeated' | 'personal'>,
): Admission {
  const entered = Math.max(0, booking.checkedInSeats - before.checkedInSeats);
  return { kind: repeated ? 'again' : 'in', booking, entered, ...(personal && { seat: personal }) };
}

function refusedOf(booking: EventBooking, { details }: Failure): Admission {
  const ticket = details?.['ticket'];
  const isOfSeat = ticket === 'revoked' || ticket === 'cancelled';
  return { kind: 'refused', booking, ...(isOfSeat && { invalid: ticket }) };
}
