import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Now } from '#server/clock.ts';
import type { DemoCheckoutDoc } from '#server/models/demo.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type {
  CheckoutRequest,
  CheckoutState,
  PaymentProvider,
  ProviderEvent,
  RefundRequest,
  RefundState,
} from '../provider.ts';
import { ProviderRefused } from '../provider.ts';
import { isSigned, SIGNATURE_HEADER } from './signature.ts';

/** How long a refund takes: long enough to see it pending. */
const REFUND_MS = 2_000;

export type DemoModels = Pick<Models, 'demoCheckouts' | 'demoRefunds' | 'demoWebhooks'>;

interface DemoProviderOptions {
  models: DemoModels;
  /** Signs the webhooks. */
  secret: string;
  /** The public origin of the demo provider's pages. */
  origin: () => string;
  now: Now;
}

const webhookSchema = z.object({
  id: z.string(),
  kind: z.enum(['changed', 'declined', 'refund']),
  reference: z.string(),
  key: z.string().nullable(),
  at: z.iso.datetime(),
});

/**
 * A provider that moves no money, and otherwise behaves like a real one: records and a page of its own, the same answer
 * to the same key, signed webhooks, refunds that stay pending for a while.
 */
export function createDemoProvider({ models, secret, origin, now }: DemoProviderOptions): PaymentProvider {
  async function openCheckout(request: CheckoutRequest) {
    const known = await models.demoCheckouts.findOne({ key: request.key }).lean<DemoCheckoutDoc>();
    const checkout = known ?? (await createCheckout(request));
    const { amount, currency } = request.amount;
    if (checkout.amount !== amount || checkout.currency !== currency)
      throw new ProviderRefused(`The key ${request.key} was used with another amount`);
    return { reference: checkout._id, url: `${origin()}/demo-payment/${checkout._id}` };
  }

  async function createCheckout(request: CheckoutRequest): Promise<DemoCheckoutDoc> {
    try {
      const made = newCheckout(request, now());
      await models.demoCheckouts.create(made);
      return made;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return models.demoCheckouts.findOne({ key: request.key }).orFail().lean<DemoCheckoutDoc>().exec();
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

  /** The filter guards both: the refunds never exceed the paid amount, and each key is refunded once. */
  async function refund({ key, charge, amount: { amount } }: RefundRequest): Promise<RefundState> {
    await models.demoCheckouts.updateOne(
      { charge, refundKeys: { $ne: key }, $expr: { $lte: [{ $add: ['$refunded', amount] }, '$paid.amount'] } },
      { $push: { refundKeys: key }, $inc: { refunded: amount } },
    );
    if (!(await models.demoCheckouts.exists({ charge, refundKeys: key })))
      return { status: 'refused', reason: 'The refund exceeds what is left of the charge' };
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
    const { at, ...event } = webhookSchema.parse(JSON.parse(body.toString('utf8')));
    return { ...event, charge: null, at: new Date(at) };
  }

  return {
    name: 'demo',
    openCheckout,
    cancelCheckout,
    lookUp,
    refund,
    lookUpRefund,
    verifyWebhook,
    // Nobody can refund or dispute anything here by hand.
    listReversals: () => Promise.resolve([]),
    listReversalsSince: () => Promise.resolve({ reversals: [], next: null }),
  };
}

/** An id beyond guessing, because the id alone protects its page. */
export function newId(kind: 'cs' | 'ch' | 're' | 'evt'): string {
  return `demo_${kind}_${randomBytes(16).toString('hex')}`;
}

function newCheckout(request: CheckoutRequest, at: Date): DemoCheckoutDoc {
  return {
    _id: newId('cs'),
    key: request.key,
    bookingId: request.bookingId,
    seats: request.seats,
    ...(request.lines && { lines: request.lines }),
    amount: request.amount.amount,
    currency: request.amount.currency,
    title: request.title,
    venue: request.venue,
    timeZone: request.timeZone,
    startsAt: request.startsAt,
    locale: request.locale,
    heldUntil: request.heldUntil,
    expiresAt: request.expiresAt,
    returnUrl: request.returnUrl,
    status: 'open',
    paysAt: null,
    charge: newId('ch'),
    paid: null,
    declined: false,
    refundKeys: [],
    refunded: 0,
    createdAt: at,
    paidAt: null,
  };
}
