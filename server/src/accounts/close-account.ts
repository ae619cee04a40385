import type { ClientSession, Types } from 'mongoose';
import type { CloseAccountInput } from '#shared/account.ts';
import type { ProvedCredential } from '#shared/accounts/passkey.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Now } from '#server/clock.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import { CLOSED_ACCOUNT, closedAccountKey } from '#server/models/accounts/closed-account.ts';
import { insertJob } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import { codeRefusal } from './code/code-sign-in.ts';
import type { SignInCodes } from './code/sign-in-codes.ts';
import type { GuessLimits } from './guessing/guess-limits.ts';
import { closing } from './passkeys/own-passkeys.ts';
import type { PasskeyProof } from './passkeys/passkey-proof.ts';
import { passkeyRefusal } from './passkeys/passkey-proof.ts';
import type { PasskeySite } from './passkeys/passkey-site.ts';
import { noDomainRefusal } from './passkeys/passkey-site.ts';
import type { Passwords } from './passwords.ts';
import { lastAdminRefusal } from './roles.ts';
import type { Identity, Sessions } from './sessions.ts';

/** The second clean-up waits this long: commands sent before the account closed are answered within ten seconds. */
const SECOND_CLEANUP_MS = 30_000;

/** The bookings, payments and waitlist entries of an account, by user id (24 hex digits). */
export interface AccountBookings {
  /**
   * Ids of upcoming confirmed bookings and of bookings with a payment or refund under way: any of them keeps the account
   * open. Asks the payment providers.
   */
  bindingBookings(userId: string): Promise<string[]>;
  /** The same by what the database has, in a transaction. */
  bindingBookingsAsStored(userId: string, session: ClientSession): Promise<string[]>;
  /** Deletes the email address from the payments of the account; resolves with how many still need it. */
  forgetPayer(userId: string, session?: ClientSession): Promise<number>;
  /** Ends the holds and waitlist entries of the account, or refuses if that is not possible now. */
  giveBack(userId: string): Promise<Result<null>>;
}

interface ClosingDeps {
  models: Models;
  sessions: Sessions;
  codes: SignInCodes;
  accountBookings: AccountBookings;
  withTransaction: WithTransaction;
  now: Now;
}

interface CloseAccountDeps extends ClosingDeps {
  passwords: Passwords;
  passkeyProof: PasskeyProof;
  guessLimits: GuessLimits;
}

/** An account that is not used: it must still be so when it is closed. */
export type UnusedAccount = Pick<UserDoc, '_id'> & Required<Pick<UserDoc, 'lastUsedAt' | 'unusedNoticeAt'>>;

export type CloseAccount = ReturnType<typeof createCloseAccount>;

/**
 * Deletes the requester's account, by its password, by one of its passkeys, or by a mailed code if it has no password.
 * Past bookings stay, under a user id without an account. `site`: the site as passkeys know it.
 */
export function createCloseAccount(deps: CloseAccountDeps) {
  return async function closeAccount(
    identity: Identity,
    proof: CloseAccountInput,
    site: PasskeySite | null,
  ): Promise<Result<null>> {
    const refusal = await proofRefusal(deps, identity, proof, site);
    return refusal ? { ok: false, error: refusal } : close(deps, { _id: identity.user._id });
  };
}

async function proofRefusal(
  deps: CloseAccountDeps,
  identity: Identity,
  proof: CloseAccountInput,
  site: PasskeySite | null,
): Promise<Refusal | null> {
  if ('code' in proof) return codeProof(deps, identity, proof.code);
  return 'passkey' in proof
    ? passkeyProof(deps, identity, proof.passkey, site)
    : passwordProof(deps, identity, proof.password);
}

async function passkeyProof(
  { passkeyProof: proof, guessLimits }: CloseAccountDeps,
  { user, session }: Identity,
  credential: ProvedCredential,
  site: PasskeySite | null,
): Promise<Refusal | null> {
  if (site === null) return noDomainRefusal().error;
  const attempt = guessLimits.session(session._id.toHexString());
  const refusal = await attempt.guessRefusal();
  if (refusal) return refusal;
  const proved = await proof.verify({ site, purpose: closing(session._id) }, credential);
  const isOwn = proved.ok && proved.data.userId.equals(user._id);
  await attempt.countGuess(isOwn);
  if (isOwn) return null;
  return (proved.ok ? passkeyRefusal('unknown') : proved).error;
}

async function passwordProof(
  { passwords, guessLimits }: CloseAccountDeps,
  { user, session }: Identity,
  password: string,
): Promise<Refusal | null> {
  const attempt = guessLimits.session(session._id.toHexString());
  const matches = await passwords.matches(user.passwordHash, password, attempt);
  if (!matches.ok) return matches.error;
  return matches.data ? null : refuse('FORBIDDEN', { message: 'The password is wrong.' }).error;
}

/** The code is used up with the account; it stays valid if the account cannot be closed now. */
async function codeProof(
  { codes, guessLimits }: CloseAccountDeps,
  { user, session }: Identity,
  code: string,
): Promise<Refusal | null> {
  if (user.passwordHash !== null)
    return refuse('FORBIDDEN', { message: 'This account has a password, which closes it.' }).error;
  const attempt = guessLimits.session(session._id.toHexString());
  const refusal = await attempt.guessRefusal();
  if (refusal) return refusal;
  const isRight = await codes.isRight(user.email, code);
  await attempt.countGuess(isRight);
  return isRight ? null : codeRefusal().error;
}

/** The account, and what it must still be like. */
type ClosedAccount = Pick<UserDoc, '_id'> & Partial<UnusedAccount>;

export type CloseUnused = ReturnType<typeof createCloseUnused>;

/** Deletes an account that is not used. Refuses like its owner's request, and if it was used meanwhile. */
export function createCloseUnused(deps: ClosingDeps) {
  return ({ _id, lastUsedAt, unusedNoticeAt }: UnusedAccount): Promise<Result<null>> =>
    close(deps, { _id, lastUsedAt, unusedNoticeAt });
}

async function close(deps: ClosingDeps, account: ClosedAccount): Promise<Result<null>> {
  const userId = account._id;
  const bookings = await deps.accountBookings.bindingBookings(userId.toHexString());
  const refusal = await closeRefusal(deps, userId, bookings);
  if (refusal) return refusal;
  const givenBack = await deps.accountBookings.giveBack(userId.toHexString());
  if (!givenBack.ok) return givenBack;
  const closed = await deps.withTransaction((session) => deleteAccount(deps, account, session));
  if (closed.ok) await deps.sessions.endAll(userId, 'account_deleted');
  return closed;
}

async function closeRefusal(
  { models }: ClosingDeps,
  userId: Types.ObjectId,
  bookings: readonly string[],
  session?: ClientSession,
) {
  if (bookings.length > 0) return refuse('INVALID_STATE', { details: { bookings } });
  return lastAdminRefusal(models, userId, session);
}

/** Deletes all personal data in one commit. Checks the bookings again: the account may have booked meanwhile. */
async function deleteAccount(deps: ClosingDeps, account: ClosedAccount, session: ClientSession): Promise<Result<null>> {
  const { _id: userId } = account;
  const { models, sessions, codes, accountBookings, now } = deps;
  const bookings = await accountBookings.bindingBookingsAsStored(userId.toHexString(), session);
  const refusal = await closeRefusal(deps, userId, bookings, session);
  if (refusal) return refusal;
  const deleted = await models.users.collection.findOneAndDelete(account, { session });
  if (deleted === null) return refuse('UNAUTHENTICATED');
  await codes.forget(deleted.email, session);
  await models.accountLinks.deleteMany({ userId }, { session });
  await models.reminders.deleteMany({ userId }, { session });
  await models.walletPasses.deleteMany({ userId }, { session });
  await models.passkeys.deleteMany({ userId }, { session });
  await accountBookings.forgetPayer(userId.toHexString(), session);
  await sessions.endAll(userId, 'account_deleted', { session });
  for (const [run, afterMs] of [0, SECOND_CLEANUP_MS].entries()) {
    const id = userId.toHexString();
    const job = { key: closedAccountKey(id, run), kind: CLOSED_ACCOUNT, payload: { userId: id } };
    await insertJob(models, job, new Date(now().getTime() + afterMs), session);
  }
  return ok(null);
}
