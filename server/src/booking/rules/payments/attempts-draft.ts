import type { BatchState } from '../state/event-state.ts';
import type { Attempt, Refund } from './attempt.ts';
import { refundRequestKey } from './attempt.ts';

const NO_ATTEMPTS: readonly Attempt[] = [];

/**
 * Payment attempts of the batch being decided: the loaded ones, and over them the changes of the batch's commands decided so far.
 */
export class AttemptsDraft {
  readonly #loaded: BatchState['attempts'];
  readonly #byBooking = new Map<string, readonly Attempt[]>();
  readonly #changed = new Map<string, Attempt>();
  readonly #refundRequests: Map<string, { attempt: Attempt; refund: Refund }>;

  constructor({ attempts, refundRequests }: Pick<BatchState, 'attempts' | 'refundRequests'>) {
    this.#loaded = attempts;
    this.#refundRequests = new Map(refundRequests);
  }

  /** A booking's attempts, first to last. */
  of(bookingId: string): readonly Attempt[] {
    return this.#byBooking.get(bookingId) ?? this.#loaded.get(bookingId) ?? NO_ATTEMPTS;
  }

  find(bookingId: string, paymentId: string): Attempt | undefined {
    return this.of(bookingId).find(({ id }) => id === paymentId);
  }

  /** The refund that was requested under this `refundRequestKey` before, for any booking. */
  requestedRefund(key: string): { attempt: Attempt; refund: Refund } | undefined {
    return this.#refundRequests.get(key);
  }

  /** Stores a new or changed attempt in the draft. */
  put(attempt: Attempt): void {
    const others = this.of(attempt.bookingId);
    const isKnown = others.some(({ id }) => id === attempt.id);
    const after = isKnown ? others.map((one) => (one.id === attempt.id ? attempt : one)) : [...others, attempt];
    this.#byBooking.set(attempt.bookingId, after);
    this.#changed.set(attempt.id, attempt);
    for (const refund of attempt.refunds) {
      if (!refund.requestId) continue;
      this.#refundRequests.set(refundRequestKey(refund.actor, refund.requestId), { attempt, refund });
    }
  }

  /** What has to be written, one version on; `fromVersion` is 0 for a new attempt. */
  changed(): { attempt: Attempt; fromVersion: number }[] {
    return [...this.#changed.values()].map((attempt) => ({
      attempt: { ...attempt, version: attempt.version + 1 },
      fromVersion: attempt.version,
    }));
  }
}
