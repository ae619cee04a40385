import type { ClientSession, Collection } from 'mongodb';
import { Types } from 'mongoose';
import type { PaymentDoc } from '#server/models/payment.ts';
import { GuardMissed } from '#server/mongo/transaction.ts';
import { changedFields, newPaymentDoc } from './payment-records.ts';
import type { Decision } from '../rules/command.ts';

/** Writes what was decided about attempts to pay, each guarded by the version that was read. */
export async function writeAttempts(
  payments: Collection<PaymentDoc>,
  eventId: Types.ObjectId,
  { attempts }: Pick<Decision, 'attempts'>,
  { session, at }: { session: ClientSession; at: Date },
): Promise<void> {
  if (attempts.length === 0) return;
  const operations = attempts.map(({ attempt, from }) => {
    if (from === 0) return { insertOne: { document: newPaymentDoc(attempt, eventId, at) } };
    const filter = { _id: Types.ObjectId.createFromHexString(attempt.id), version: from };
    return { updateOne: { filter, update: { $set: changedFields(attempt, at) } } };
  });
  const changed = attempts.filter(({ from }) => from > 0).length;
  const { matchedCount } = await payments.bulkWrite(operations, { session });
  if (matchedCount !== changed) throw new GuardMissed('A payment is not at the version that was read');
}
