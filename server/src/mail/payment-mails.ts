import { Types } from 'mongoose';
import { z } from 'zod';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc, RefundDoc } from '#server/models/payment.ts';
import type { BookingMailOptions } from './booking-mails.ts';
import { readersOf, storyOf } from './booking-mails.ts';
import type { Story } from './booking-texts.ts';
import { bookingFacts } from './booking-texts.ts';
import type { Mail } from './mail.ts';
import { button, text } from './mail.ts';
import { pathOf } from './page-path.ts';
import type { Speaker } from './texts/translator.ts';

const order = z.object({ fact: z.enum(['late', 'refunded']), paymentId: z.string(), refundKey: z.string() });
type Fact = z.infer<typeof order>['fact'];

export type MoneyMailOptions = BookingMailOptions & { models: Pick<Models, 'payments'> };

/** Tells that money which came too late goes back, and that money has gone back; each refund once of each. */
export function moneyMailJob(options: MoneyMailOptions): JobHandler {
  return async (payload, run) => {
    const { fact, paymentId, refundKey } = order.parse(payload);
    const { models } = options;
    const payment = await models.payments.findById(paymentId).orFail().lean<PaymentDoc>();
    const refund = payment.refunds.find(({ key }) => key === refundKey);
    const reader = (await readersOf(models, [payment.userId])).get(payment.userId.toHexString());
    if (!refund || !reader) return;
    const compose = async (speaks: Speaker) => {
      const story = await storyOf(options, new Types.ObjectId(payment.bookingId));
      return story && moneyMail(fact, story, { payment, refund }, speaks);
    };
    await options.post.tell([{ fact: `${fact}:${refundKey}`, reader, compose }], run);
  };
}

interface Money {
  payment: PaymentDoc;
  refund: RefundDoc;
}

function moneyMail(fact: Fact, story: Story, { payment, refund }: Money, speaks: Speaker): Mail {
  const { currency } = payment.paid ?? payment;
  const amount = speaks.money({ amount: refund.amount, currency });
  const body = fact === 'refunded' ? [speaks.say('refunded.body', { amount })] : [lateWords(refund, amount, speaks)];
  const why = refund.reason === null ? [] : [speaks.say('reason', { reason: refund.reason })];
  const note = fact === 'late' ? [speaks.say('late.note')] : [];
  return {
    subject: speaks.say(`${fact}.subject`, { title: story.event.title }),
    blocks: [
      ...[...body, ...why, ...note].map(text),
      bookingFacts(story, speaks),
      button(speaks.say('cancelled.button'), story.origin + pathOf('bookings', '', speaks.locale)),
    ],
  };
}

function lateWords({ cause }: RefundDoc, amount: string, { say }: Speaker): string {
  switch (cause) {
    case 'cancelled':
    case 'event':
    case 'double':
      return say(`late.${cause}`, { amount });
    default:
      return say('late.late', { amount });
  }
}
