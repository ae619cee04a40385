import type { MongoClient } from 'mongodb';
import type { UUID } from 'mongodb';

/** Longer than any of our transactions is between two statements; a frozen server replays when it comes back. */
const ABANDONED_AFTER_MICROS = 3_000_000;

interface IdleSession {
  lsid: { id: UUID };
}

/**
 * Ends transactions on this database that nobody goes on with, because their server was killed or is frozen. Until then
 * nobody else can write what they have written, and a database lets them live for a minute unless it is told otherwise.
 */
export async function endAbandonedTransactions(client: MongoClient): Promise<number> {
  const { appName } = client.options;
  // Sessions of this user only, which needs no privilege.
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
