import type { MongoClient } from 'mongodb';
import type { UUID } from 'mongodb';

/** Longer than our transactions pause between two statements. A frozen server replays its transaction when it resumes. */
const ABANDONED_AFTER_MICROS = 3_000_000;

interface IdleSession {
  lsid: { id: UUID };
}

/**
 * Ends transactions on this database whose server was killed or is frozen; resolves with their number. Until then they
 * block every other write to their documents: MongoDB ends an idle transaction only after a minute by default.
 */
export async function endAbandonedTransactions(client: MongoClient): Promise<number> {
  const { appName } = client.options;
  // Without `allUsers`: the sessions of our own user need no privilege.
  const idle = client.db('admin').aggregate<IdleSession>([
    { $currentOp: { idleSessions: true } },
    {
      $match: {
        type: 'idleSession',
        appName,
        'transaction.timeInactiveMicros': { $gt: ABANDONED_AFTER_MICROS },
      },
    },
    { $project: { lsid: 1 } },
  ]);
  const killSessions = (await idle.toArray()).map(({ lsid }) => ({ id: lsid.id }));
  if (killSessions.length > 0) await client.db('admin').command({ killSessions });
  return killSessions.length;
}
