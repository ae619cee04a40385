import type { IncomingHttpHeaders } from 'node:http';
import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type { ProviderGateway } from './provider-gateway.ts';
import type { PaymentProvider, ProviderEvent } from './provider.ts';
import type { Providers } from './providers.ts';

export interface WebhookOptions {
  models: Pick<Models, 'payments' | 'webhooks'>;
  providers: Providers;
  gateway: ProviderGateway;
  now: Now;
}

export const WEBHOOK_RESULTS = ['forged', 'repeated', 'ignored', 'taken'] as const;
/** `forged`: not signed by the provider, or too long ago; null: there is no such provider. */
export type WebhookResult = (typeof WEBHOOK_RESULTS)[number];

export type Webhooks = ReturnType<typeof createWebhooks>;

/**
 * Takes webhooks in. What one tells is only the reason to ask the provider, so repetition, order and age do not matter.
 * Resolves once the effect is committed, and throws where it cannot be just now: the provider sends it again.
 */
export function createWebhooks({ models, providers, gateway, now }: WebhookOptions) {
  const counts: Record<WebhookResult, number> = { forged: 0, repeated: 0, ignored: 0, taken: 0 };

  async function receive(name: string, body: Buffer, headers: IncomingHttpHeaders): Promise<WebhookResult | null> {
    const provider = Object.hasOwn(providers, name) ? providers[name as keyof Providers] : undefined;
    if (!provider) return null;
    const event = provider.verifyWebhook(body, headers);
    const result = event ? await take(provider, event) : 'forged';
    counts[result] += 1;
    return result;
  }

  async function take(provider: PaymentProvider, event: ProviderEvent): Promise<WebhookResult> {
    const _id = `${provider.name}:${event.id}`;
    if (await models.webhooks.exists({ _id })) return 'repeated';
    const payment = await paymentOf(provider, event);
    const effect = payment && event.kind !== 'other' ? event.kind : 'ignored';
    if (payment) await follow(payment, event);
    await note({ _id, reference: event.reference, kind: event.kind, effect, at: event.at, receivedAt: now() });
    return effect === 'ignored' ? 'ignored' : 'taken';
  }

  async function follow(payment: PaymentDoc, event: ProviderEvent): Promise<void> {
    if (event.kind === 'changed') await gateway.look(payment);
    if (event.kind === 'declined') await gateway.declined(payment, event.at);
    if (event.kind !== 'refund') return;
    const refund = payment.refunds.find(({ reference }) => reference !== null && reference === event.reference);
    if (refund) await gateway.refund(payment, refund.key);
  }

  /** By the provider's own name of it, or by our key where the provider was faster than its answer to us. */
  async function paymentOf({ name }: PaymentProvider, { kind, reference, key }: ProviderEvent) {
    const field = kind === 'refund' ? 'refunds.reference' : 'reference';
    const named =
      reference === null ? null : await find({ provider: name, [field]: { $eq: reference, $type: 'string' } });
    const [, bookingId, attempt] = /^([0-9a-f]{24}):(\d{1,6})$/.exec(key ?? '') ?? [];
    if (named || !bookingId) return named;
    return find({ provider: name, bookingId, attempt: Number(attempt) });
  }

  function find(filter: Record<string, unknown>): Promise<PaymentDoc | null> {
    return models.payments.findOne(filter).lean<PaymentDoc>().exec();
  }

  /** After the effect: who is killed in between takes the next delivery for a new one, and finds nothing left to do. */
  async function note(record: Parameters<typeof models.webhooks.create>[0]): Promise<void> {
    try {
      await models.webhooks.create(record);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  return { counts, receive };
}
