import { randomBytes } from 'node:crypto';
import { Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { Passwords } from '#server/accounts/passwords.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { Models } from '#server/models/models.ts';
import { unwrap } from '#shared/protocol/errors.ts';

const FIRST_NAMES = ['Mira', 'Jonas', 'Aylin', 'Theo', 'Nora', 'Emil', 'Lotte', 'Samir', 'Ida', 'Pavel'];
const LAST_NAMES = ['Brandt', 'Okafor', 'Lindqvist', 'Yilmaz', 'Moreau', 'Novak', 'Fischer'];

const NAMES = LAST_NAMES.flatMap((last) => FIRST_NAMES.map((first) => ({ first, last })));
const EMAILS = NAMES.map(({ first, last }) => `${first}.${last}@buyers.frontrow.example`.toLowerCase());

/** Whether an account that is not a demo buyer ever booked seats of this event or joined its waiting list. */
export async function isWantedByOthers({ models }: { models: Models }, eventId: Types.ObjectId): Promise<boolean> {
  const buyers = await models.users.distinct('_id', { email: { $in: EMAILS } });
  const others = { eventId, userId: { $nin: buyers } };
  return (await models.bookings.exists(others)) !== null || (await models.waitlist.exists(others)) !== null;
}

interface DemoBuyerDeps {
  models: Models;
  passwords: Passwords;
  now: Now;
}

/** The accounts of demo buyers. Their random password is not kept, so a sign-in is impossible. */
export async function ensureDemoBuyers({ models, passwords, now }: DemoBuyerDeps): Promise<Types.ObjectId[]> {
  const known = await models.users.find({ email: { $in: EMAILS } }).lean<UserDoc[]>();
  const missing = EMAILS.filter((email) => !known.some((user) => user.email === email));
  if (missing.length === 0) return sortedIds(known);
  const passwordHash = unwrap(await passwords.hash(randomBytes(32).toString('base64url')));
  const made = missing.map((email): UserDoc => {
    const { first, last } = NAMES[EMAILS.indexOf(email)] ?? { first: 'Demo', last: 'Buyer' };
    const rest = { verified: false, locale: 'en', role: 'user', createdAt: now() } as const;
    return { _id: new Types.ObjectId(), name: `${first} ${last}`, email, passwordHash, ...rest };
  });
  await models.users.collection.insertMany(made);
  return sortedIds([...known, ...made]);
}

/** Ids in a constant order, so that a repeated sale uses the same buyer for each request id. */
function sortedIds(users: readonly UserDoc[]): Types.ObjectId[] {
  return users.toSorted((a, b) => (a.email < b.email ? -1 : 1)).map((user) => user._id);
}
