import type { IncomingHttpHeaders } from 'node:http';
import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc, WebhookDoc } from '#server/models/payment.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type { PaymentProvider, ProviderEvent, Providers } from './provider.ts';
import type { ProviderGateway } from './provider-gateway.ts';

interface WebhooksOptions {
  models: Pick<Models, 'payments' | 'webhooks'>;
  providers: Providers;
  gateway: Pick<ProviderGateway, 'look' | 'declined' | 'refund' | 'lookAtCharge'>;
  now: Now;
}

/** `forged`: not signed by the provider, or too long ago. */
type WebhookResult = 'forged' | 'repeated' | 'ignored' | 'taken';

export type Webhooks = ReturnType<typeof createWebhooks>;

/**
 * Receives the providers' webhooks. A webhook is only the reason to ask the provider, so repetition, order and age do
 * not matter.
 */
export function createWebhooks({ models, providers, gateway, now }: WebhooksOptions) {
  const counts: Record<WebhookResult, number> = { forged: 0, repeated: 0, ignored: 0, taken: 0 };

  /**
   * Resolves once the effect is committed, with null if this server has no such provider. Throws if the effect cannot be
   * committed now: the provider sends the webhook again.
   */
  async function receive(name: string, body: Buffer, headers: IncomingHttpHeaders): Promise<WebhookResult | null> {
    const provider = Object.hasOwn(providers, name) ? providers[name as keyof Providers] : undefined;
    if (!provider) return null;
    const event = provider.verifyWebhook(body, headers);
    const result = event ? await takeEvent(provider, event) : 'forged';
    counts[result] += 1;
    return result;
  }

  async function takeEvent(provider: PaymentProvider, event: ProviderEvent): Promise<WebhookResult> {
    const _id = `${provider.name}:${event.id}`;
    if (await models.webhooks.exists({ _id })) return 'repeated';
    const payment = await paymentOf(provider, event);
    const effect = payment && event.kind !== 'other' ? event.kind : 'ignored';
    if (payment) await apply(payment, event);
    const { reference, kind, at } = event;
    await record({ _id, reference, kind, effect, at, receivedAt: now() });
    return effect === 'ignored' ? 'ignored' : 'taken';
  }

  async function apply(payment: PaymentDoc, event: ProviderEvent): Promise<void> {
    if (event.kind === 'changed') await gateway.look(payment);
    if (event.kind === 'declined') await gateway.declined(payment, event.at);
    if (event.kind === 'reversal') await gateway.lookAtCharge(payment);
    if (event.kind !== 'refund') return;
    const refund = payment.refunds.find(({ reference }) => reference !== null && reference === event.reference);
    // A bank may return a refund that was done weeks ago.
    if (refund?.status === 'done') await gateway.lookAtCharge(payment);
    else if (refund) await gateway.refund(payment, refund.key);
  }

  /** Finds the payment by the provider's reference, or by our key if the webhook overtook the provider's answer. */
  async function paymentOf({ name }: PaymentProvider, { kind, reference, charge, key }: ProviderEvent) {
    const field = kind === 'reversal' ? 'charge' : kind === 'refund' ? 'refunds.reference' : 'reference';
    const known = charge ?? reference;
    const named =
      known === null ? null : await findPayment({ provider: name, [field]: { $eq: known, $type: 'string' } });
    const [, bookingId, attempt] = /^([0-9a-f]{24}):(\d{1,6})$/.exec(key ?? '') ?? [];
    if (named || !bookingId) return named;
    return findPayment({ provider: name, bookingId, attempt: Number(attempt) });
  }

  function findPayment(filter: Record<string, unknown>): Promise<PaymentDoc | null> {
    return models.payments.findOne(filter).lean<PaymentDoc>().exec();
  }

  /** Runs after the effect: a server that dies in between takes the next delivery for a new one, which changes nothing. */
  async function record(webhook: WebhookDoc): Promise<void> {
    try {
      await models.webhooks.create(webhook);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  return { counts, receive };
}
