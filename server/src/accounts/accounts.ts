import { Types } from 'mongoose';
import type { z } from 'zod';
import type { Locale, LoginInput, changePasswordInput, profileChanges, RegisterInput } from '#shared/account.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Now } from '#server/clock.ts';
import type { SessionDoc, UserDoc } from '#server/models/accounts/account.ts';
import { insertJob } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import type { GuessLimits } from './guessing/guess-limits.ts';
import type { KnownDevices } from './guessing/known-devices.ts';
import type { SharedCounts } from './guessing/shared-counts.ts';
import type { Passwords } from './passwords.ts';
import type { AccountLinks } from './recovery/account-links.ts';
import { accountMailJob } from './recovery/account-mail-job.ts';
import type { Identity, OpenSession, Sessions } from './sessions.ts';

/** How long after a mailed code a session may set the first password of its account. */
const FIRST_PASSWORD_WITHIN_MS = 10 * 60_000;

interface AccountsDeps {
  models: Models;
  passwords: Passwords;
  sessions: Sessions;
  guessLimits: GuessLimits;
  knownDevices: KnownDevices;
  links: AccountLinks;
  counts: Pick<SharedCounts, 'networkPseudonym'>;
  withTransaction: WithTransaction;
  now: Now;
  /** Called after a mail job was added. */
  wake(): void;
}

/** The client that signs in. */
interface Client {
  /** Browser and system, in words. */
  device: string;
  /** Its IP address. */
  address: string;
}

/** The client that tries a password or a mailed code. */
export interface LoginClient extends Client {
  /** The marks that it has as a known device. */
  marks: string;
}

export type SignedInUser = OpenSession & { user: UserDoc };

export type Accounts = ReturnType<typeof createAccounts>;

/** Registration, login, and changes of one's own account. */
export function createAccounts(deps: AccountsDeps) {
  return {
    /** The client's language is used if the input names none. EMAIL_TAKEN, BUSY. */
    register: (input: RegisterInput, client: Client & { locale: Locale }) => register(deps, input, client),
    /** Refuses an unknown address and a wrong password alike (UNAUTHENTICATED), so that it reveals no account. */
    login: (input: LoginInput, client: LoginClient) => login(deps, input, client),
    /** Changes the password, or sets the first one after a mailed code. Ends all other sessions of the account. */
    changePassword: (identity: Identity, input: z.infer<typeof changePasswordInput>) =>
      changePassword(deps, identity, input),
    changeProfile: (userId: Types.ObjectId, changes: z.infer<typeof profileChanges>) =>
      changeProfile(deps, userId, changes),
  };
}

async function register(
  deps: AccountsDeps,
  input: RegisterInput,
  client: Client & { locale: Locale },
): Promise<Result<SignedInUser>> {
  const { email } = input;
  if (await deps.models.users.exists({ email })) return refuse('EMAIL_TAKEN');
  const passwordHash = await deps.passwords.hash(input.password);
  if (!passwordHash.ok) return passwordHash;
  const user: UserDoc = {
    _id: new Types.ObjectId(),
    name: input.name,
    email,
    passwordHash: passwordHash.data,
    verified: false,
    locale: input.locale ?? client.locale,
    role: 'user',
    createdAt: deps.now(),
    registeredFrom: deps.counts.networkPseudonym(client.address),
  };
  if (!(await storeAccount(deps, user))) return refuse('EMAIL_TAKEN');
  deps.wake();
  return ok({ user, ...(await deps.sessions.open(user, client.device)) });
}

/** Stores a new account in one commit with the job for its verification mail; false if the address is taken. */
async function storeAccount({ models, withTransaction, now }: AccountsDeps, user: UserDoc): Promise<boolean> {
  try {
    await withTransaction(async (session) => {
      await models.users.collection.insertOne(user, { session });
      await insertJob(models, accountMailJob('verify', user._id, user._id.toHexString()), now(), session);
    });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** Stores a new account; false if the address is taken. Of two simultaneous attempts one succeeds. */
export async function insertUser(models: Models, user: UserDoc): Promise<boolean> {
  try {
    await models.users.collection.insertOne(user);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

async function login(
  deps: AccountsDeps,
  input: LoginInput,
  { address, device, marks }: LoginClient,
): Promise<Result<SignedInUser>> {
  const { email } = input;
  const user = await deps.models.users.findOne({ email }).lean<UserDoc>();
  const deviceId = user && deps.knownDevices.deviceId(marks, user._id.toHexString());
  const attempt = deps.guessLimits.login(email, { address, deviceId });
  const matches = await deps.passwords.matches(user?.passwordHash ?? null, input.password, attempt);
  if (!matches.ok) return matches;
  if (!matches.data || !user) return loginRefusal();
  const opened = await deps.sessions.open(user, device);
  // The password may have changed while it was verified: a session opened with the old password must not stay.
  if (await deps.models.users.exists({ _id: user._id, passwordHash: user.passwordHash }))
    return ok({ user, ...opened });
  await deps.sessions.end(opened.session._id, 'password_changed');
  return loginRefusal();
}

function loginRefusal() {
  return refuse('UNAUTHENTICATED', { message: 'There is no account with this address and password.' });
}

async function changePassword(
  deps: AccountsDeps,
  identity: Identity,
  { current, next }: z.infer<typeof changePasswordInput>,
): Promise<Result<null>> {
  const { user, session } = identity;
  const refusal = await passwordRefusal(deps, identity, current);
  if (refusal) return { ok: false, error: refusal };
  const hash = await deps.passwords.hash(next);
  if (!hash.ok) return hash;
  await replacePassword(deps, user._id, hash.data, session._id);
  // A reset link may be in the hands of an attacker who reads the account's mail.
  await deps.links.revoke(user._id, 'reset');
  return ok(null);
}

/** Why this session may not set the account's password; null if it may. */
async function passwordRefusal(
  deps: AccountsDeps,
  { user, session }: Identity,
  current: string | undefined,
): Promise<Refusal | null> {
  if (current === undefined) return firstPasswordRefusal(user, session, deps.now());
  const attempt = deps.guessLimits.session(session._id.toHexString());
  const matches = await deps.passwords.matches(user.passwordHash, current, attempt);
  if (!matches.ok) return matches.error;
  return matches.data ? null : refuse('FORBIDDEN', { message: 'The current password is wrong.' }).error;
}

/** An account that has a password keeps it unless the current one is known; others need a mailed code, lately entered. */
function firstPasswordRefusal({ passwordHash }: UserDoc, { codeAt }: SessionDoc, now: Date): Refusal | null {
  if (passwordHash !== null) {
    const issue = { path: ['current'], code: 'invalid_type', message: 'This account has a password: name it' };
    return refuse('INVALID_INPUT', { issues: [issue] }).error;
  }
  if (codeAt && now.getTime() - codeAt.getTime() <= FIRST_PASSWORD_WITHIN_MS) return null;
  const message = 'Sign in by a mailed code first: it allows to set a password for ten minutes.';
  return refuse('FORBIDDEN', { message, details: { code: 'needed' } }).error;
}

/**
 * Sets a password and ends all sessions of the account except one. They end before the change, so that a crash never
 * leaves an old session with a new password, and again after it: one may have been opened with the old password.
 */
export async function replacePassword(
  { models, sessions }: Pick<AccountsDeps, 'models' | 'sessions'>,
  userId: Types.ObjectId,
  passwordHash: string,
  exceptSessionId?: Types.ObjectId,
): Promise<void> {
  const except = exceptSessionId && { except: exceptSessionId };
  await sessions.endAll(userId, 'password_changed', except);
  await models.users.updateOne({ _id: userId }, { $set: { passwordHash } });
  await sessions.endAll(userId, 'password_changed', except);
}

async function changeProfile(
  { models }: AccountsDeps,
  userId: Types.ObjectId,
  changes: z.infer<typeof profileChanges>,
): Promise<Result<UserDoc>> {
  const user = await models.users
    .findByIdAndUpdate(userId, { $set: changes }, { returnDocument: 'after' })
    .lean<UserDoc>();
  return user ? ok(user) : refuse('UNAUTHENTICATED');
}
