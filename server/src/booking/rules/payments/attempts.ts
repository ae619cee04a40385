import type { State } from '../state/event-state.ts';
import type { Attempt, Refund } from './attempt.ts';
import { refundRequest } from './attempt.ts';

const NONE: readonly Attempt[] = [];

/** The attempts to pay that a batch is about, with its changes laid over what was loaded. */
export class Attempts {
  readonly #loaded: State['attempts'];
  readonly #requests: Map<string, { attempt: Attempt; refund: Refund }>;
  readonly #byBooking = new Map<string, readonly Attempt[]>();
  readonly #touched = new Map<string, Attempt>();

  constructor({ attempts, refundRequests }: Pick<State, 'attempts' | 'refundRequests'>) {
    this.#loaded = attempts;
    this.#requests = new Map(refundRequests);
  }

  /** Of a booking, first to last. */
  of(bookingId: string): readonly Attempt[] {
    return this.#byBooking.get(bookingId) ?? this.#loaded.get(bookingId) ?? NONE;
  }

  find(bookingId: string, paymentId: string): Attempt | undefined {
    return this.of(bookingId).find(({ id }) => id === paymentId);
  }

  /** A refund that was asked for under this `refundRequest` before, on any booking. */
  asked(request: string): { attempt: Attempt; refund: Refund } | undefined {
    return this.#requests.get(request);
  }

  /** A new attempt, or a known one as it is now. */
  put(attempt: Attempt): void {
    const others = this.of(attempt.bookingId);
    const known = others.some(({ id }) => id === attempt.id);
    const after = known ? others.map((one) => (one.id === attempt.id ? attempt : one)) : [...others, attempt];
    this.#byBooking.set(attempt.bookingId, after);
    this.#touched.set(attempt.id, attempt);
    for (const refund of attempt.refunds) {
      if (refund.requestId) this.#requests.set(refundRequest(refund.actor, refund.requestId), { attempt, refund });
    }
  }

  /** What has to be written, with the version that each had before: 0 for a new one. */
  changed(): { attempt: Attempt; from: number }[] {
    return [...this.#touched.values()].map((attempt) => ({
      attempt: { ...attempt, version: attempt.version + 1 },
      from: attempt.version,
    }));
  }
}
