import { createHash, randomBytes } from 'node:crypto';
import type { ClientSession, Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { AccountLinkDoc, LinkKind } from '#server/models/accounts/account-link.ts';
import type { Models } from '#server/models/models.ts';

const LIFETIME_MS = { reset: 3_600_000, verify: 7 * 86_400_000 } as const satisfies Record<LinkKind, number>;

export type AccountLinks = ReturnType<typeof createAccountLinks>;

/** The tokens in mailed links: 256 random bits, stored as a hash, so that a copy of the database yields no link. */
export function createAccountLinks({ models, now }: { models: Pick<Models, 'accountLinks'>; now: Now }) {
  const anyLink = (token: string, kind: LinkKind) => ({ _id: hashOf(token), kind, expiresAt: { $gt: now() } });
  const validLink = (token: string, kind: LinkKind) => ({ ...anyLink(token, kind), usedAt: { $exists: false } });
  return {
    /** Creates a link and resolves with its token. Earlier links stay valid. */
    async create(userId: Types.ObjectId, kind: LinkKind): Promise<string> {
      const token = randomBytes(32).toString('base64url');
      const createdAt = now();
      const expiresAt = new Date(createdAt.getTime() + LIFETIME_MS[kind]);
      const link: AccountLinkDoc = { _id: hashOf(token), kind, userId, createdAt, expiresAt };
      await models.accountLinks.collection.insertOne(link as never);
      return token;
    },
    /** The valid link of a token, or null. */
    find: (token: string, kind: LinkKind, session?: ClientSession): Promise<AccountLinkDoc | null> =>
      models.accountLinks
        .findOne(validLink(token, kind), null, { session: session ?? null })
        .lean<AccountLinkDoc>()
        .exec(),
    /** Deletes and returns the valid link of a token; of several simultaneous requests one gets it. */
    consume: (token: string, kind: LinkKind, session: ClientSession): Promise<AccountLinkDoc | null> =>
      models.accountLinks.findOneAndDelete(validLink(token, kind), { session }).lean<AccountLinkDoc>().exec(),
    /** Marks all links of a user that verify the address as used, so that a later press on one of them is understood. */
    async markVerified(userId: Types.ObjectId, session: ClientSession): Promise<void> {
      await models.accountLinks.updateMany({ userId, kind: 'verify' }, { $set: { usedAt: now() } }, { session });
    },
    /** Whether the token's address was verified before. */
    wasVerified: async (token: string): Promise<boolean> =>
      (await models.accountLinks.exists({ ...anyLink(token, 'verify'), usedAt: { $exists: true } })) !== null,
    /** Deletes all links of this kind of a user. */
    async revoke(userId: Types.ObjectId, kind: LinkKind, session?: ClientSession): Promise<void> {
      await models.accountLinks.deleteMany({ userId, kind }, session && { session });
    },
  };
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
