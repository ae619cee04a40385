import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';

/** How long a lease outlives its last renewal: after that another process takes over. */
const LEASE_MS = 5_000;

/** A lease in the database: of all processes at most one holds it, and only as long as it keeps renewing. */
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
      // The upsert met the other holder's record.
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
