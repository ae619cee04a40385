import type { PaymentProvider } from '#server/payments/provider.ts';

/** A fault of one call. `lost`: carried out, but without an answer; `silent`: neither carried out nor answered. */
export type Fault = '500' | '429' | 'lost' | 'silent' | 'refused';
export type Call = 'openCheckout' | 'cancelCheckout' | 'lookUp' | 'refund' | 'lookUpRefund';

/** A provider that fails by plan. `plan` gets the call and its count, from 1, and returns a fault or null. */
export function failing(plan: (call: Call, count: number) => Fault | null) {
  const counts = new Map<Call, number>();

  async function through<T>(call: Call, respond: () => Promise<T>): Promise<T> {
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    const fault = plan(call, count);
    if (fault === 'silent') return new Promise(() => undefined);
    if (fault === '500' || fault === '429') throw new Error(`The provider answers ${fault}`);
    const answer = await respond();
    if (fault === 'lost') throw new Error('The connection to the provider was cut');
    return answer;
  }

  const wrap = (provider: PaymentProvider): PaymentProvider => ({
    ...provider,
    openCheckout: (request) => through('openCheckout', () => provider.openCheckout(request)),
    cancelCheckout: (reference) => through('cancelCheckout', () => provider.cancelCheckout(reference)),
    lookUp: (reference) => through('lookUp', () => provider.lookUp(reference)),
    refund: (request) =>
      plan('refund', (counts.get('refund') ?? 0) + 1) === 'refused'
        ? through('refund', () => Promise.resolve({ status: 'refused' as const, reason: 'The account is closed' }))
        : through('refund', () => provider.refund(request)),
    lookUpRefund: (reference) => through('lookUpRefund', () => provider.lookUpRefund(reference)),
  });
  return { wrap, counts };
}
