import type { PaymentDoc } from '#server/models/payment.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { RefundState, Reversal } from './provider.ts';

/** The effect of a paid checkout: it bought its booking, is refunded automatically, or has a wrong amount. */
type PaidOutcome = 'confirmed' | 'refunding' | 'mismatch';

/**
 * Where the gateway reports what a provider says; the event's queue decides the effect. Each call resolves once the
 * effect is committed, and throws if that is not possible now. A repeated report changes nothing and resolves with
 * `null` or `false`.
 */
export interface SettlementPort {
  paid(payment: PaymentDoc, charged: { charge: string; amount: Money }): Promise<PaidOutcome | null>;
  unpaid(payment: PaymentDoc): Promise<boolean>;
  /** Whether a payment is under way, which can neither be cancelled nor relied on yet. */
  processing(payment: PaymentDoc, isUnderWay: boolean): Promise<boolean>;
  declined(payment: PaymentDoc, at: Date): Promise<boolean>;
  refund(payment: PaymentDoc, refund: { key: string; tries: number }, state: RefundState): Promise<boolean>;
  /** All refunds and disputes of the payment's charge; resolves with the payment's refunds after that. */
  reversals(payment: PaymentDoc, reversals: readonly Reversal[]): Promise<PaymentDoc['refunds']>;
}
