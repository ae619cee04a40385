import { Types } from 'mongoose';
import { z } from 'zod';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc, RefundDoc } from '#server/models/payment.ts';
import type { BookingMailOptions } from './booking-mails.ts';
import { recipientsOf, readBookingSnapshot } from './booking-mails.ts';
import type { BookingSnapshot } from './booking-texts.ts';
import { bookingFacts } from './booking-texts.ts';
import type { Mail } from './mail.ts';
import { button, text } from './mail.ts';
import { pagePath } from './page-path.ts';
import type { Translator } from './texts/translator.ts';

const order = z.object({ fact: z.enum(['late', 'refunded']), paymentId: z.string(), refundKey: z.string() });
type Fact = z.infer<typeof order>['fact'];

export type PaymentMailOptions = BookingMailOptions & { models: Pick<Models, 'payments'> };

/** Tells that money which came too late goes back, and that money has gone back; each refund once of each. */
export function paymentMailHandler(options: PaymentMailOptions): JobHandler {
  return async (payload, run) => {
    const { fact, paymentId, refundKey } = order.parse(payload);
    const { models } = options;
    const payment = await models.payments.findById(paymentId).orFail().lean<PaymentDoc>();
    const refund = payment.refunds.find(({ key }) => key === refundKey);
    const recipient = (await recipientsOf(models, [payment.userId])).get(payment.userId.toHexString());
    if (!refund || !recipient) return;
    const compose = async (translator: Translator) => {
      const snapshot = await readBookingSnapshot(options, new Types.ObjectId(payment.bookingId));
      return snapshot && moneyMail(fact, snapshot, { payment, refund }, translator);
    };
    await options.notifier.notify([{ fact: `${fact}:${refundKey}`, recipient, compose }], run);
  };
}

interface Money {
  payment: PaymentDoc;
  refund: RefundDoc;
}

function moneyMail(fact: Fact, snapshot: BookingSnapshot, { payment, refund }: Money, translator: Translator): Mail {
  const { currency } = payment.paid ?? payment;
  const amount = translator.money({ amount: refund.amount, currency });
  const body =
    fact === 'refunded' ? [translator.say('refunded.body', { amount })] : [lateWords(refund, amount, translator)];
  const why = refund.reason === null ? [] : [translator.say('reason', { reason: refund.reason })];
  const note = fact === 'late' ? [translator.say('late.note')] : [];
  return {
    subject: translator.say(`${fact}.subject`, { title: snapshot.event.title }),
    blocks: [
      ...[...body, ...why, ...note].map(text),
      bookingFacts(snapshot, translator),
      button(translator.say('cancelled.button'), snapshot.origin + pagePath('bookings', '', translator.locale)),
    ],
  };
}

function lateWords({ cause }: RefundDoc, amount: string, { say }: Translator): string {
  switch (cause) {
    case 'cancelled':
    case 'event':
    case 'double':
      return say(`late.${cause}`, { amount });
    default:
      return say('late.late', { amount });
  }
}
