import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import type { Models } from '#server/models/models.ts';
import { createLease } from '#server/jobs/lease.ts';
import { readDatabaseTime } from '#server/mongo/database-clock.ts';
import type { MigrationLog, PartContext } from './migration.ts';

/** Shorter than the lease, so that it outlives one or two renewals that fail. */
const RENEW_MS = 1_000;
/** A holder that has not renewed the lease for so long stops: the lease itself lasts a second longer. */
const TRUSTED_MS = 4_000;
const RETRY_MS = 200;
const NOTICE_MS = 10_000;

/** The lease of the migration was lost to another process, which goes on with it. */
export class MigrationTakenOver extends Error {
  override readonly name = 'MigrationTakenOver';
}

interface LockOptions {
  database: Db;
  models: Models;
  log: MigrationLog;
}

/**
 * Runs `change` while no other process changes this database's schema; waits as long as one does. The lease of a process
 * that was killed lapses after five seconds, and the next one takes over.
 */
export async function withSchemaLock<T>(
  { database, models, log }: LockOptions,
  change: (lock: Pick<PartContext, 'assertHeld'>) => Promise<T>,
): Promise<T> {
  const aheadMs = (await readDatabaseTime(database)).getTime() - performance.now();
  const now = () => new Date(aheadMs + performance.now());
  const lease = createLease({ models, name: 'migration', holder: randomUUID(), now });
  const askedMs = performance.now();
  let noticedMs = askedMs - NOTICE_MS;
  let heldMs = askedMs;
  while (!(await lease.hold())) {
    if (performance.now() - noticedMs >= NOTICE_MS) {
      noticedMs = performance.now();
      const seconds = Math.round((noticedMs - askedMs) / 1_000);
      log.info({ seconds }, 'Another process prepares the database; waiting for it');
    }
    await sleep(RETRY_MS);
    heldMs = performance.now();
  }
  let isLost = false;
  const renewal = setInterval(() => void renew(), RENEW_MS);

  async function renew(): Promise<void> {
    const sentMs = performance.now();
    try {
      if (await lease.hold()) heldMs = sentMs;
      else isLost = true;
    } catch (error) {
      log.warn({ err: error }, 'The lease of the migration could not be renewed and will be tried again');
    }
  }

  function assertHeld(): void {
    if (isLost || performance.now() - heldMs > TRUSTED_MS)
      throw new MigrationTakenOver('Another process has taken over the migration of the database; start again.');
  }

  try {
    return await change({ assertHeld });
  } finally {
    clearInterval(renewal);
    // If the database does not answer, the lease expires instead.
    await lease.release().catch(() => undefined);
  }
}
