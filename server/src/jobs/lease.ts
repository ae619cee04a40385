import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';

/** How long a lease lasts after its last renewal; then another process may take it. */
const LEASE_MS = 5_000;

/** A lease in the database: at most one process holds it at a time, and only while it keeps renewing. */
export function createLease({ models, name, holder, now }: { models: Models; name: string; holder: string; now: Now }) {
  /** Takes or renews the lease; false while another process holds it. */
  async function hold(): Promise<boolean> {
    const at = now();
    const mine = { _id: name, $or: [{ holder }, { expiresAt: { $lte: at } }] };
    const change = { $set: { holder, expiresAt: new Date(at.getTime() + LEASE_MS) } };
    try {
      await models.leases.updateOne(mine, change, { upsert: true });
      return true;
    } catch (error) {
      // The filter missed the other holder's record, so the upsert tried to insert a second one.
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async function release(): Promise<void> {
    await models.leases.deleteOne({ _id: name, holder });
  }

  return { hold, release };
}

export type Lease = ReturnType<typeof createLease>;
