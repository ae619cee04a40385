import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Now } from '#server/clock.ts';
import type { DemoCheckoutDoc } from '#server/models/demo.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type { CheckoutRequest, CheckoutState, PaymentProvider, ProviderEvent } from '../provider.ts';
import type { RefundRequest, RefundState } from '../provider.ts';
import { ProviderRefused } from '../provider.ts';
import { isSigned, SIGNATURE_HEADER } from './signature.ts';

/** How long a refund takes here: long enough to be seen under way. */
const REFUND_MS = 2_000;

export type DemoModels = Pick<Models, 'demoCheckouts' | 'demoRefunds' | 'demoWebhooks'>;

export interface DemoOptions {
  models: DemoModels;
  secret: string;
  /** The address under which its pages are seen. */
  origin: () => string;
  now: Now;
}

const webhook = z.object({
  id: z.string(),
  kind: z.enum(['changed', 'declined', 'refund']),
  reference: z.string(),
  key: z.string().nullable(),
  at: z.iso.datetime(),
});

/**
 * A provider that moves no money, and is otherwise like the others: its own records, its own page, answers to the same
 * key with the same thing, signed webhooks, refunds that take a while.
 */
export function createDemo({ models, secret, origin, now }: DemoOptions): PaymentProvider {
  async function openCheckout(order: CheckoutRequest) {
    const known = await models.demoCheckouts.findOne({ key: order.key }).lean<DemoCheckoutDoc>();
    const checkout = known ?? (await create(order));
    const { amount, currency } = order.amount;
    if (checkout.amount !== amount || checkout.currency !== currency)
      throw new ProviderRefused(`The key ${order.key} was used with another amount`);
    return { reference: checkout._id, url: `${origin()}/demo-payment/${checkout._id}` };
  }

  async function create(order: CheckoutRequest): Promise<DemoCheckoutDoc> {
    try {
      const made = newCheckout(order, now());
      await models.demoCheckouts.create(made);
      return made;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return models.demoCheckouts.findOne({ key: order.key }).orFail().lean<DemoCheckoutDoc>().exec();
    }
  }

  async function cancelCheckout(reference: string): Promise<CheckoutState> {
    await models.demoCheckouts.updateOne({ _id: reference, status: 'open' }, { $set: { status: 'ended' } });
    return lookUp(reference);
  }

  async function lookUp(reference: string): Promise<CheckoutState> {
    const checkout = await models.demoCheckouts.findById(reference).lean<DemoCheckoutDoc>();
    if (!checkout) throw new ProviderRefused(`There is no checkout ${reference}`);
    const { status, charge, paid, expiresAt } = checkout;
    if (status === 'paid' && paid) return { status, charge, amount: paid };
    if (status === 'processing') return { status };
    return status === 'ended' || expiresAt <= now() ? { status: 'ended' } : { status: 'open' };
  }

  /** Never more than was paid, and for each key once: both in the one filter. */
  async function refund({ key, charge, amount: { amount } }: RefundRequest): Promise<RefundState> {
    await models.demoCheckouts.updateOne(
      { charge, refundKeys: { $ne: key }, $expr: { $lte: [{ $add: ['$refunded', amount] }, '$paid.amount'] } },
      { $push: { refundKeys: key }, $inc: { refunded: amount } },
    );
    if (!(await models.demoCheckouts.exists({ charge, refundKeys: key })))
      return { status: 'refused', reason: 'There is not so much left of the charge' };
    const fresh = { _id: newId('re'), charge, amount, status: 'pending', dueAt: new Date(now().getTime() + REFUND_MS) };
    await models.demoRefunds.updateOne({ key }, { $setOnInsert: fresh }, { upsert: true });
    const { _id: reference, status } = await models.demoRefunds.findOne({ key }).orFail().lean();
    return { status, reference };
  }

  async function lookUpRefund(reference: string): Promise<RefundState> {
    const found = await models.demoRefunds.findById(reference).lean();
    return found ? { status: found.status, reference } : { status: 'refused', reason: `No refund ${reference}` };
  }

  function verifyWebhook(body: Buffer, headers: IncomingHttpHeaders): ProviderEvent | null {
    const header = headers[SIGNATURE_HEADER];
    if (!isSigned(secret, body, Array.isArray(header) ? header[0] : header, now())) return null;
    const { at, ...event } = webhook.parse(JSON.parse(body.toString('utf8')));
    return { ...event, at: new Date(at) };
  }

  return { name: 'demo', openCheckout, cancelCheckout, lookUp, refund, lookUpRefund, verifyWebhook };
}

/** An id that nobody guesses: it is all that protects its page. */
export function newId(kind: 'cs' | 'ch' | 're' | 'evt'): string {
  return `demo_${kind}_${randomBytes(16).toString('hex')}`;
}

function newCheckout(order: CheckoutRequest, at: Date): DemoCheckoutDoc {
  const { key, bookingId, seats, title, venue, timeZone, startsAt, locale, heldUntil, expiresAt, returnUrl } = order;
  const { amount, currency } = order.amount;
  return {
    ...{ key, bookingId, seats, amount, currency, title, venue, timeZone, startsAt, locale, heldUntil, expiresAt },
    ...{ _id: newId('cs'), returnUrl, status: 'open', paysAt: null, charge: newId('ch'), paid: null, declined: false },
    ...{ refundKeys: [], refunded: 0, createdAt: at, paidAt: null },
  };
}
