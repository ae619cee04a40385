import type { BatchState } from '../state/event-state.ts';
import type { Attempt, Refund } from './attempt.ts';
import { refundRequestKey } from './attempt.ts';

const NONE: readonly Attempt[] = [];

/** The attempts to pay that a batch is about, with its changes laid over what was loaded. */
export class Attempts {
  readonly #loaded: BatchState['attempts'];
  readonly #refundRequests: Map<string, { attempt: Attempt; refund: Refund }>;
  readonly #byBooking = new Map<string, readonly Attempt[]>();
  readonly #changed = new Map<string, Attempt>();

  constructor({ attempts, refundRequests }: Pick<BatchState, 'attempts' | 'refundRequests'>) {
    this.#loaded = attempts;
    this.#refundRequests = new Map(refundRequests);
  }

  /** Of a booking, first to last. */
  of(bookingId: string): readonly Attempt[] {
    return this.#byBooking.get(bookingId) ?? this.#loaded.get(bookingId) ?? NONE;
  }

  find(bookingId: string, paymentId: string): Attempt | undefined {
    return this.of(bookingId).find(({ id }) => id === paymentId);
  }

  /** A refund that was asked for under this `refundRequest` before, on any booking. */
  requestedRefund(request: string): { attempt: Attempt; refund: Refund } | undefined {
    return this.#refundRequests.get(request);
  }

  /** A new attempt, or a known one as it is now. */
  put(attempt: Attempt): void {
    const others = this.of(attempt.bookingId);
    const known = others.some(({ id }) => id === attempt.id);
    const after = known ? others.map((one) => (one.id === attempt.id ? attempt : one)) : [...others, attempt];
    this.#byBooking.set(attempt.bookingId, after);
    this.#changed.set(attempt.id, attempt);
    for (const refund of attempt.refunds) {
      if (refund.requestId)
        this.#refundRequests.set(refundRequestKey(refund.actor, refund.requestId), { attempt, refund });
    }
  }

  /** What has to be written, with the version that each had before: 0 for a new one. */
  changed(): { attempt: Attempt; fromVersion: number }[] {
    return [...this.#changed.values()].map((attempt) => ({
      attempt: { ...attempt, version: attempt.version + 1 },
      fromVersion: attempt.version,
    }));
  }
}
