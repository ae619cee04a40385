import type { PaymentProvider } from '#server/payments/provider.ts';

/** `lost`: it is done, but no answer comes back; `silent`: nothing is done, and nothing is said. */
export type Fault = '500' | '429' | 'lost' | 'silent' | 'refused';
export type Call = 'openCheckout' | 'cancelCheckout' | 'lookUp' | 'refund' | 'lookUpRefund';

/** A provider that fails as a plan says: which call, for the how-manieth time; null where it works. */
export function failing(plan: (call: Call, count: number) => Fault | null) {
  const counts = new Map<Call, number>();

  async function through<T>(call: Call, work: () => Promise<T>): Promise<T> {
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    const fault = plan(call, count);
    if (fault === 'silent') return new Promise(() => undefined);
    if (fault === '500' || fault === '429') throw new Error(`The provider answers ${fault}`);
    const answer = await work();
    if (fault === 'lost') throw new Error('The connection to the provider was cut');
    return answer;
  }

  const wrap = (provider: PaymentProvider): PaymentProvider => ({
    ...provider,
    openCheckout: (order) => through('openCheckout', () => provider.openCheckout(order)),
    cancelCheckout: (reference) => through('cancelCheckout', () => provider.cancelCheckout(reference)),
    lookUp: (reference) => through('lookUp', () => provider.lookUp(reference)),
    refund: (order) =>
      plan('refund', (counts.get('refund') ?? 0) + 1) === 'refused'
        ? through('refund', () => Promise.resolve({ status: 'refused' as const, reason: 'The account is closed' }))
        : through('refund', () => provider.refund(order)),
    lookUpRefund: (reference) => through('lookUpRefund', () => provider.lookUpRefund(reference)),
  });
  return { wrap, counts };
}
