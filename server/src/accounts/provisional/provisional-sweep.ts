import type { Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { ProvisionalAccountDoc } from '#server/models/accounts/provisional-account.ts';
import type { Models } from '#server/models/models.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import type { Sessions } from '../sessions.ts';
import type { ProvisionalAccounts } from './provisional-accounts.ts';

const SWEEP_MS = 3_000;
/** What is as young as this is left to the sign-in that began it, whose answer says what has become of the holds. */
const REQUEST_MS = 15_000;
/** From the end of the last hold, or from the beginning without one: a visitor who was too slow may hold again. */
const IDLE_MS = 5 * 60_000;
/** Accounts of one run. */
const MOST_PER_RUN = 500;

interface ProvisionalSweepOptions {
  models: Pick<Models, 'provisionalAccounts' | 'bookings'>;
  accounts: Pick<ProvisionalAccounts, 'handOver'>;
  sessions: Sessions;
  withTransaction: WithTransaction;
  now: Now;
}

/**
 * Finishes what a killed server has left of taking provisional accounts over, and deletes the accounts whose holds have
 * ended.
 */
export function createProvisionalSweep(options: ProvisionalSweepOptions): SweepTask {
  const { models, accounts, sessions, withTransaction, now } = options;
  const { provisionalAccounts, bookings } = models;

  async function handOverRest(before: Date): Promise<void> {
    const open = { takenOverAt: { $lte: before }, handedOverAt: { $exists: false } };
    const found = await provisionalAccounts
      .find(open, { _id: 1 })
      .limit(MOST_PER_RUN)
      .lean<{ _id: Types.ObjectId }[]>();
    for (const { _id } of found) await accounts.handOver(_id);
  }

  async function deleteIdle(before: Date): Promise<void> {
    const isHandedOver = { $or: [{ takenOverBy: { $exists: false } }, { handedOverAt: { $exists: true } }] };
    const found = await provisionalAccounts
      .find({ createdAt: { $lte: before }, ...isHandedOver }, { _id: 1 })
      .sort({ createdAt: 1 })
      .limit(MOST_PER_RUN)
      .lean<Pick<ProvisionalAccountDoc, '_id'>[]>();
    const ids = found.map(({ _id }) => _id);
    const kept = await bookings.distinct('userId', { userId: { $in: ids }, ...isRunning(before) });
    const keptIds = new Set(kept.map(String));
    for (const id of ids) if (!keptIds.has(String(id))) await remove(id, before);
  }

  /** Looks again in the commit that deletes the account: the visitor may have held seats meanwhile. */
  async function remove(id: Types.ObjectId, before: Date): Promise<void> {
    await withTransaction(async (session) => {
      if (await bookings.exists({ userId: id, ...isRunning(before) }).session(session)) return;
      await provisionalAccounts.deleteOne({ _id: id }, { session });
      await sessions.endAll(id, 'expired', { session, provisional: true });
    });
  }

  return {
    everyMs: SWEEP_MS,
    failure: 'Provisional accounts could not be looked for and will be looked for again',
    async sweep(): Promise<number> {
      await handOverRest(new Date(now().getTime() - REQUEST_MS));
      await deleteIdle(new Date(now().getTime() - IDLE_MS));
      return SWEEP_MS;
    },
  };
}

/** A hold, or a booking that has changed since then, by its end for example. */
function isRunning(since: Date) {
  return { $or: [{ status: 'held' as const }, { updatedAt: { $gt: since } }] };
}
