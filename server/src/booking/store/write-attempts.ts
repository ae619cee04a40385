import type { ClientSession, Collection } from 'mongodb';
import { Types } from 'mongoose';
import type { PaymentDoc } from '#server/models/payment.ts';
import { GuardMissed } from '#server/mongo/transaction.ts';
import { changedPaymentFields, toPaymentDoc } from './payment-records.ts';
import type { Decision } from '../rules/command.ts';

/** Writes what was decided about attempts to pay, each guarded by the version that was read. */
export async function writeAttempts(
  payments: Collection<PaymentDoc>,
  eventId: Types.ObjectId,
  { changedAttempts }: Pick<Decision, 'changedAttempts'>,
  { session, at }: { session: ClientSession; at: Date },
): Promise<void> {
  if (changedAttempts.length === 0) return;
  const operations = changedAttempts.map(({ attempt, fromVersion: from }) => {
    if (from === 0) return { insertOne: { document: toPaymentDoc(attempt, eventId, at) } };
    const filter = { _id: Types.ObjectId.createFromHexString(attempt.id), version: from };
    return { updateOne: { filter, update: { $set: changedPaymentFields(attempt, at) } } };
  });
  const changed = changedAttempts.filter(({ fromVersion: from }) => from > 0).length;
  const { matchedCount } = await payments.bulkWrite(operations, { session });
  if (matchedCount !== changed) throw new GuardMissed('A payment is not at the version that was read');
}
