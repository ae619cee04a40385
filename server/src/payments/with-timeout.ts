import type { PaymentProvider } from './provider.ts';

/** The provider may still have done what it was asked for: the same call again, with the same key, tells. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** The same provider, given up on after that time. Its answers are not what anybody waits for with a lock in hand. */
export function withTimeout(provider: PaymentProvider, withinMs: number): PaymentProvider {
  const within = <T>(answer: Promise<T>) => answerWithin(answer, withinMs);
  return {
    name: provider.name,
    openCheckout: (order) => within(provider.openCheckout(order)),
    cancelCheckout: (reference) => within(provider.cancelCheckout(reference)),
    lookUp: (reference) => within(provider.lookUp(reference)),
    refund: (order) => within(provider.refund(order)),
    lookUpRefund: (reference) => within(provider.lookUpRefund(reference)),
    verifyWebhook: (body, headers) => provider.verifyWebhook(body, headers),
  };
}

function answerWithin<T>(answer: Promise<T>, withinMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswer(`No answer within ${withinMs} ms`)), withinMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
