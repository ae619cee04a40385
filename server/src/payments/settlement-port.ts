import type { PaymentDoc } from '#server/models/payment.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { RefundState } from './provider.ts';

/** What came of money: it bought its booking, goes back by itself, or is not what was asked for. */
export type PaidOutcome = 'confirmed' | 'refunding' | 'mismatch';

/**
 * Where facts about money are told, to be decided in their event's queue. Each resolves once it is committed and throws
 * where it cannot be just now; telling one again changes nothing, and is answered `null` or false.
 */
export interface SettlementPort {
  paid(payment: PaymentDoc, money: { charge: string; amount: Money }): Promise<PaidOutcome | null>;
  unpaid(payment: PaymentDoc): Promise<boolean>;
  declined(payment: PaymentDoc, at: Date): Promise<boolean>;
  refund(payment: PaymentDoc, refund: { key: string; tries: number }, state: RefundState): Promise<boolean>;
}
