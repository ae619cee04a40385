import type { PaymentProvider } from './provider.ts';

/** The provider may have carried out the call all the same: the same call with the same key shows. */
class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** The same provider, whose calls throw `NoAnswer` after that many milliseconds. */
export function withTimeout(provider: PaymentProvider, timeoutMs: number): PaymentProvider {
  const within = <T>(answer: Promise<T>) => answerWithin(answer, timeoutMs);
  return {
    name: provider.name,
    openCheckout: (request) => within(provider.openCheckout(request)),
    cancelCheckout: (reference) => within(provider.cancelCheckout(reference)),
    lookUp: (reference) => within(provider.lookUp(reference)),
    refund: (request) => within(provider.refund(request)),
    lookUpRefund: (reference) => within(provider.lookUpRefund(reference)),
    listReversals: (charge) => within(provider.listReversals(charge)),
    listReversalsSince: (since, cursor) => within(provider.listReversalsSince(since, cursor)),
    verifyWebhook: (body, headers) => provider.verifyWebhook(body, headers),
  };
}

function answerWithin<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswer(`No answer within ${timeoutMs} ms`)), timeoutMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
