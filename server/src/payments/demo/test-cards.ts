import type { Now } from '#server/clock.ts';
import type { DemoCheckoutDoc, DemoWebhookDoc } from '#server/models/demo.ts';
import type { DemoModels } from './demo-provider.ts';
import { newId } from './demo-provider.ts';

/** The test cards by number, and their effect on a payment. */
export const TEST_CARDS = {
  '4242424242424242': 'pays',
  '4000000000000002': 'declined',
  '4000000000000341': 'late',
  '4000000000009995': 'silent',
} as const;
type TestCardEffect = (typeof TEST_CARDS)[keyof typeof TEST_CARDS];

/** A late payment arrives when its hold's seats were given up: a minute and some seconds after the hold's end. */
const LATE_AFTER_MS = 75_000;

interface TestCardsOptions {
  models: DemoModels;
  now: Now;
  /** Called after a webhook was stored. */
  wake(): void;
}

/** The effects of test cards on checkouts of the demo provider. */
export function createTestCards({ models, now, wake }: TestCardsOptions) {
  /** Resolves with the checkout after the payment; a checkout that is not open any more stays as it is. */
  async function pay(checkout: DemoCheckoutDoc, effect: TestCardEffect): Promise<DemoCheckoutDoc> {
    const after = await changeOpen(checkout, changeOf(checkout, effect));
    if (after && effect !== 'silent' && effect !== 'late')
      await addWebhook(after, effect === 'declined' ? 'declined' : 'changed');
    return after ?? models.demoCheckouts.findById(checkout._id).orFail().lean<DemoCheckoutDoc>().exec();
  }

  function changeOf(checkout: DemoCheckoutDoc, effect: TestCardEffect): Partial<DemoCheckoutDoc> {
    if (effect === 'declined') return { declined: true };
    if (effect !== 'late') return paidNow(checkout);
    const lateMs = Math.max(checkout.heldUntil.getTime(), now().getTime()) + LATE_AFTER_MS;
    return { status: 'processing', paysAt: new Date(lateMs) };
  }

  function paidNow({ amount, currency }: DemoCheckoutDoc): Partial<DemoCheckoutDoc> {
    return { status: 'paid', paid: { amount, currency }, paidAt: now(), paysAt: null };
  }

  function changeOpen({ _id }: DemoCheckoutDoc, set: Partial<DemoCheckoutDoc>): Promise<DemoCheckoutDoc | null> {
    const open = { _id, status: 'open' as const, expiresAt: { $gt: now() } };
    return models.demoCheckouts
      .findOneAndUpdate(open, { $set: set }, { returnDocument: 'after' })
      .lean<DemoCheckoutDoc>()
      .exec();
  }

  async function addWebhook({ _id, key }: DemoCheckoutDoc, kind: 'changed' | 'declined'): Promise<void> {
    await storeWebhook({ kind, reference: _id, key });
    wake();
  }

  async function storeWebhook(about: Pick<DemoWebhookDoc, 'kind' | 'reference' | 'key'>): Promise<void> {
    const at = now();
    await models.demoWebhooks.create({ _id: newId('evt'), ...about, at, nextAt: at, tries: 0 });
  }

  /** Completes the late payments and the pending refunds that are due. */
  async function completeDue(): Promise<void> {
    await completePayments();
    await completeRefunds();
  }

  async function completePayments(): Promise<void> {
    const late = await models.demoCheckouts.find({ paysAt: { $lte: now(), $type: 'date' } }).lean<DemoCheckoutDoc[]>();
    for (const checkout of late) {
      const processing = { _id: checkout._id, status: 'processing' as const };
      const { modifiedCount } = await models.demoCheckouts.updateOne(processing, { $set: paidNow(checkout) });
      if (modifiedCount === 1) await addWebhook(checkout, 'changed');
    }
  }

  async function completeRefunds(): Promise<void> {
    const due = await models.demoRefunds.find({ status: 'pending', dueAt: { $lte: now() } }).lean();
    for (const { _id } of due) {
      const pending = { _id, status: 'pending' as const };
      const { modifiedCount } = await models.demoRefunds.updateOne(pending, { $set: { status: 'done' } });
      if (modifiedCount === 1) await storeWebhook({ kind: 'refund', reference: _id, key: null });
    }
  }

  return { pay, completeDue };
}

export type TestCards = ReturnType<typeof createTestCards>;
