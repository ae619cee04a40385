import { Types } from 'mongoose';
import { z } from 'zod';
import type { Refund } from '#server/booking/rules/payments/attempt.ts';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { BookingMailOptions } from './booking-mails.ts';
import { recipientsOf } from './booking-mails.ts';
import { createBookingSnapshots } from './booking-snapshots.ts';
import { eventMail } from './booking-texts.ts';
import type { Mail } from './mail.ts';
import { button, text } from './mail.ts';
import { pagePath } from './page-path.ts';
import type { BookingSnapshot } from './texts/booking-facts.ts';
import { bookingFacts } from './texts/booking-facts.ts';
import type { Translator } from './texts/translator.ts';

const payloadSchema = z.object({ fact: z.enum(['late', 'refunded']), paymentId: z.string(), refundKey: z.string() });
type Fact = z.infer<typeof payloadSchema>['fact'];

type PaymentMailOptions = BookingMailOptions & { models: Pick<Models, 'payments'> };

/** Notifies the buyer of a refund: `late` says why a late payment goes back, `refunded` that the refund is done. */
export function createPaymentMailJob(options: PaymentMailOptions): JobHandler {
  return async (payload, run) => {
    const { fact, paymentId, refundKey } = payloadSchema.parse(payload);
    const { models } = options;
    const payment = await models.payments.findById(paymentId).orFail().lean<PaymentDoc>();
    const refund = payment.refunds.find(({ key }) => key === refundKey);
    const recipient = (await recipientsOf(models, [payment.userId])).get(payment.userId.toHexString());
    if (!refund || !recipient) return;
    const bookingId = new Types.ObjectId(payment.bookingId);
    const snapshotOf = createBookingSnapshots(options, [bookingId]);
    const compose = async (translator: Translator) => {
      const snapshot = await snapshotOf(bookingId);
      return snapshot && paymentMail(fact, snapshot, { payment, refund }, translator);
    };
    await options.notifier.notify([{ fact: `${fact}:${refundKey}`, recipient, compose }], run);
  };
}

interface PaymentWithRefund {
  payment: PaymentDoc;
  refund: Refund;
}

function paymentMail(
  fact: Fact,
  snapshot: BookingSnapshot,
  { payment, refund }: PaymentWithRefund,
  translator: Translator,
): Mail {
  const { currency } = payment.paid ?? payment;
  const amount = translator.money({ amount: refund.amount, currency });
  const body =
    fact === 'refunded' ? [translator.say('refunded.body', { amount })] : [lateText(refund, amount, translator)];
  const reason = refund.reason === null ? [] : [translator.say('reason', { reason: refund.reason })];
  const note = fact === 'late' ? [translator.say('late.note')] : [];
  return eventMail(snapshot.event, translator, {
    subject: translator.say(`${fact}.subject`, { title: snapshot.event.title }),
    blocks: [
      ...[...body, ...reason, ...note].map(text),
      bookingFacts(snapshot, translator),
      button(translator.say('cancelled.button'), snapshot.origin + pagePath('bookings', '', translator.locale)),
    ],
  });
}

function lateText({ cause }: Refund, amount: string, { say }: Translator): string {
  switch (cause) {
    case 'cancelled':
    case 'event':
    case 'double':
      return say(`late.${cause}`, { amount });
    default:
      return say('late.late', { amount });
  }
}
