import type { Now } from '#server/clock.ts';
import type { DemoCheckoutDoc } from '#server/models/demo.ts';
import type { DemoModels } from './demo.ts';
import { newId } from './demo.ts';

/** Test cards and what becomes of them. */
export const TEST_CARDS = {
  '4242424242424242': 'pays',
  '4000000000000002': 'declined',
  '4000000000000341': 'late',
  '4000000000009995': 'silent',
} as const;
export type TestCardEffect = (typeof TEST_CARDS)[keyof typeof TEST_CARDS];

/** Late money comes when the seats of its hold were given up: a minute after the hold's end, and a little. */
const LATE_AFTER_MS = 75_000;

export interface TestCardsOptions {
  models: DemoModels;
  now: Now;
  /** There is a webhook to deliver. */
  wake(): void;
}

/** What a card does to a checkout. Each answers the checkout as it is then; one that is not open any more stays as it is. */
export function createTestCards({ models, now, wake }: TestCardsOptions) {
  async function pay(checkout: DemoCheckoutDoc, outcome: TestCardEffect): Promise<DemoCheckoutDoc> {
    const after = await change(checkout, changeOf(checkout, outcome));
    if (after && outcome !== 'silent' && outcome !== 'late')
      await tell(after, outcome === 'declined' ? 'declined' : 'changed');
    return after ?? models.demoCheckouts.findById(checkout._id).orFail().lean<DemoCheckoutDoc>().exec();
  }

  function changeOf(checkout: DemoCheckoutDoc, outcome: TestCardEffect): Partial<DemoCheckoutDoc> {
    if (outcome === 'declined') return { declined: true };
    if (outcome !== 'late') return paidNow(checkout);
    const lateMs = Math.max(checkout.heldUntil.getTime(), now().getTime()) + LATE_AFTER_MS;
    return { status: 'processing', paysAt: new Date(lateMs) };
  }

  function paidNow({ amount, currency }: DemoCheckoutDoc): Partial<DemoCheckoutDoc> {
    return { status: 'paid', paid: { amount, currency }, paidAt: now(), paysAt: null };
  }

  function change({ _id }: DemoCheckoutDoc, set: Partial<DemoCheckoutDoc>): Promise<DemoCheckoutDoc | null> {
    const open = { _id, status: 'open' as const, expiresAt: { $gt: now() } };
    return models.demoCheckouts
      .findOneAndUpdate(open, { $set: set }, { returnDocument: 'after' })
      .lean<DemoCheckoutDoc>()
      .exec();
  }

  async function tell({ _id, key }: DemoCheckoutDoc, kind: 'changed' | 'declined'): Promise<void> {
    const at = now();
    await models.demoWebhooks.create({ _id: newId('evt'), kind, reference: _id, key, at, nextAt: at, tries: 0 });
    wake();
  }

  /** Money that was under way arrives, refunds get through. */
  async function passTime(): Promise<void> {
    const late = await models.demoCheckouts.find({ paysAt: { $lte: now(), $type: 'date' } }).lean<DemoCheckoutDoc[]>();
    for (const checkout of late) {
      const arrived = { _id: checkout._id, status: 'processing' as const };
      const { modifiedCount } = await models.demoCheckouts.updateOne(arrived, { $set: paidNow(checkout) });
      if (modifiedCount === 1) await tell(checkout, 'changed');
    }
    const through = await models.demoRefunds.find({ status: 'pending', dueAt: { $lte: now() } }).lean();
    for (const { _id } of through) {
      const { modifiedCount } = await models.demoRefunds.updateOne(
        { _id, status: 'pending' },
        { $set: { status: 'done' } },
      );
      const at = now();
      const about = { kind: 'refund', reference: _id, key: null } as const;
      const event = { _id: newId('evt'), ...about, at, nextAt: at, tries: 0 };
      if (modifiedCount === 1) await models.demoWebhooks.create(event);
    }
  }

  return { pay, passTime };
}

export type TestCards = ReturnType<typeof createTestCards>;
