import { createHash, randomBytes } from 'node:crypto';
import type { ClientSession, Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { AccountLinkDoc, LinkKind } from '#server/models/accounts/account-link.ts';
import type { Models } from '#server/models/models.ts';

const LIFETIME_MS = { reset: 3_600_000, verify: 7 * 86_400_000 } as const satisfies Record<LinkKind, number>;

export type AccountLinks = ReturnType<typeof createAccountLinks>;

/** Tokens of the links in mails: 256 random bits, kept as a hash, so that nobody who reads the database can use one. */
export function createAccountLinks({ models, now }: { models: Pick<Models, 'accountLinks'>; now: Now }) {
  const stored = (token: string, kind: LinkKind) => ({ _id: hashOf(token), kind, expiresAt: { $gt: now() } });
  return {
    /** A new token; those that were made before stay as good as they were. */
    async make(userId: Types.ObjectId, kind: LinkKind): Promise<string> {
      const token = randomBytes(32).toString('base64url');
      const createdAt = now();
      const expiresAt = new Date(createdAt.getTime() + LIFETIME_MS[kind]);
      const link: AccountLinkDoc = { _id: hashOf(token), kind, userId, createdAt, expiresAt };
      await models.accountLinks.collection.insertOne(link as never);
      return token;
    },
    /** The link of a token that still counts. */
    find: (token: string, kind: LinkKind): Promise<AccountLinkDoc | null> =>
      models.accountLinks.findOne(stored(token, kind)).lean<AccountLinkDoc>().exec(),
    /** Uses a token up: of several who come with the same one, one gets its link. */
    take: (token: string, kind: LinkKind, session: ClientSession): Promise<AccountLinkDoc | null> =>
      models.accountLinks.findOneAndDelete(stored(token, kind), { session }).lean<AccountLinkDoc>().exec(),
    /** None of the links of this kind that were mailed to a user counts any more. */
    async revoke(userId: Types.ObjectId, kind: LinkKind, session?: ClientSession): Promise<void> {
      await models.accountLinks.deleteMany({ userId, kind }, session && { session });
    },
  };
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
