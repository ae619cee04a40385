import type { ClientSession } from 'mongoose';
import { Types } from 'mongoose';
import type { Locale, RequestCodeInput, VerifyCodeInput } from '#shared/account.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import { insertJob } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import type { LoginClient, SignedInUser } from '../accounts.ts';
import type { GuessLimits } from '../guessing/guess-limits.ts';
import type { KnownDevices } from '../guessing/known-devices.ts';
import type { SharedCounts } from '../guessing/shared-counts.ts';
import { removePasskeys } from '../passkeys/remove-passkeys.ts';
import type { ProvisionalAccounts } from '../provisional/provisional-accounts.ts';
import type { AccountLinks } from '../recovery/account-links.ts';
import type { Sessions } from '../sessions.ts';
import { codeMailJob } from './code-mail-job.ts';
import type { SignInCodes } from './sign-in-codes.ts';

const MINUTE_MS = 60_000;
const CODES_PER_MINUTE = 1;
const CODES_PER_HOUR = 5;

interface CodeSignInDeps {
  models: Models;
  codes: SignInCodes;
  sessions: Sessions;
  links: AccountLinks;
  guessLimits: GuessLimits;
  knownDevices: KnownDevices;
  counts: SharedCounts;
  withTransaction: WithTransaction;
  config: Pick<Config, 'rateLimits'>;
  provisionalAccounts: Pick<ProvisionalAccounts, 'takeOver'>;
  now: Now;
  /** Called after a mail job was added. */
  wake(): void;
}

/** `takenOverId`: of the visitor's provisional account, if the account has taken it over; its holds are to be handed over. */
type CodeSession = SignedInUser & { created: boolean; takenOverId: Types.ObjectId | null };

export type CodeSignIn = ReturnType<typeof createCodeSignIn>;

/** Signing in without a password: a code is mailed to an address, and entering the code proves the address. */
export function createCodeSignIn(deps: CodeSignInDeps) {
  return {
    /**
     * Mails a code, unless the address was sent one in the last minute, or five in the last hour. `preferred`: the
     * client's language, used if the input names none. Takes the same time whether the account exists or not.
     */
    request: (input: RequestCodeInput, preferred: Locale | null) => request(deps, input, preferred),
    /**
     * Signs in, to a new account where the address is unknown: to the visitor's provisional one, if there is one.
     * UNAUTHENTICATED, INVALID_INPUT at `name`, RATE_LIMITED.
     */
    signIn: (input: VerifyCodeInput, client: CodeVisitor) => signIn(deps, input, client),
  };
}

async function request(
  deps: CodeSignInDeps,
  { email, locale }: RequestCodeInput,
  preferred: Locale | null,
): Promise<void> {
  const mayBeSent = await maySend(deps, email);
  deps.codes.counts[mayBeSent ? 'requested' : 'limited'] += 1;
  if (!mayBeSent) return;
  const language = locale ?? preferred ?? (await accountLocale(deps, email));
  await deps.withTransaction(async (session) => {
    const reference = await deps.codes.create(email, language, session);
    await insertJob(deps.models, codeMailJob(reference), deps.now(), session);
  });
  deps.wake();
}

async function maySend({ config, counts }: CodeSignInDeps, email: string): Promise<boolean> {
  if (!config.rateLimits) return true;
  const address = counts.pseudonym(email);
  const perMinute = { key: `code-mail:minute:${address}`, max: CODES_PER_MINUTE };
  const perHour = { key: `code-mail:hour:${address}`, max: CODES_PER_HOUR };
  return (await counts.take(perMinute, MINUTE_MS)) === 0 && (await counts.take(perHour, 60 * MINUTE_MS)) === 0;
}

async function accountLocale({ models }: CodeSignInDeps, email: string): Promise<Locale> {
  return (await models.users.findOne({ email }).lean<UserDoc>())?.locale ?? 'en';
}

async function signIn(deps: CodeSignInDeps, input: VerifyCodeInput, client: CodeVisitor): Promise<Result<CodeSession>> {
  const { email, code, name } = input;
  const user = await deps.models.users.findOne({ email }).lean<UserDoc>();
  const deviceId = user && deps.knownDevices.deviceId(client.marks, user._id.toHexString());
  const attempt = deps.guessLimits.code(email, { address: client.address, deviceId });
  const refusal = await attempt.guessRefusal();
  if (refusal) {
    deps.codes.counts.refused += 1;
    return { ok: false, error: refusal };
  }
  const isRight = await deps.codes.isRight(email, code);
  if (isRight && !user && name === undefined) return nameRefusal();
  await attempt.countGuess(isRight);
  const admitted = isRight ? await admitOnce(deps, input, { ...client, deviceId }) : null;
  deps.codes.counts[admitted ? 'verified' : 'refused'] += 1;
  if (admitted === null) return codeRefusal();
  const { user: owner, created, takenOverId } = admitted;
  const opened = await deps.sessions.open(owner, client.device, { codeAt: deps.now() });
  return ok({ user: owner, created, takenOverId, ...opened });
}

/** One refusal for wrong, used, expired and unknown codes. */
export function codeRefusal() {
  return refuse('UNAUTHENTICATED', { message: 'This code is wrong, was used already or has expired.' });
}

function nameRefusal() {
  const message = 'There is no account with this address yet: a new one needs a name';
  return refuse('INVALID_INPUT', { issues: [{ path: ['name'], code: 'invalid_type', message }] });
}

interface Admitted {
  user: UserDoc;
  created: boolean;
  takenOverId: Types.ObjectId | null;
}

/** The client that enters a code, with the provisional account of its session. */
interface CodeVisitor extends LoginClient {
  provisionalId: Types.ObjectId | null;
}

interface CodeClient extends CodeVisitor {
  deviceId: string | null;
}

/** Uses the code up in the commit that admits its owner; null if it was used meanwhile. */
async function admitOnce(deps: CodeSignInDeps, input: VerifyCodeInput, client: CodeClient): Promise<Admitted | null> {
  const attempt = () => deps.withTransaction((session) => admit(deps, input, client, session));
  try {
    return await attempt();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    // The address was registered at the same moment: now it is known.
    return attempt();
  }
}

async function admit(
  deps: CodeSignInDeps,
  { email, code, name }: VerifyCodeInput,
  client: CodeClient,
  session: ClientSession,
): Promise<Admitted | null> {
  const user = await deps.models.users.findOne({ email }, {}, { session }).lean<UserDoc>();
  // The account was deleted meanwhile, and its code with it.
  if (!user && name === undefined) return null;
  const used = await deps.codes.consume(email, code, session);
  if (!used) return null;
  const { provisionalId } = client;
  const ownerId = user?._id ?? provisionalId;
  const isTakenOver =
    provisionalId !== null &&
    ownerId !== null &&
    (await deps.provisionalAccounts.takeOver(provisionalId, ownerId, session));
  const takenOverId = isTakenOver ? provisionalId : null;
  if (user) return { user: await proveAddress(deps, user, client, session), created: false, takenOverId };
  const account = { _id: takenOverId ?? new Types.ObjectId(), email, name: name ?? '', locale: used.locale };
  return { user: await createAccount(deps, account, session), created: true, takenOverId };
}

async function createAccount(
  { models, now }: CodeSignInDeps,
  account: Pick<UserDoc, '_id' | 'email' | 'name' | 'locale'>,
  session: ClientSession,
): Promise<UserDoc> {
  const proved = { passwordHash: null, verified: true, role: 'user', createdAt: now() } as const;
  const user: UserDoc = { ...account, ...proved };
  await models.users.collection.insertOne(user, { session });
  return user;
}

/**
 * Verifies the address of an account. Removes its password and passkeys and ends its sessions if a stranger may have registered it:
 * the address was not verified, and the registration came from another browser and another network.
 */
async function proveAddress(
  deps: CodeSignInDeps,
  user: UserDoc,
  client: CodeClient,
  session: ClientSession,
): Promise<UserDoc> {
  if (user.verified) return user;
  const isStrangers = mayBeStrangers(deps, user, client);
  const change = { verified: true, ...(isStrangers && { passwordHash: null }) };
  await deps.models.users.updateOne({ _id: user._id }, { $set: change, $unset: { registeredFrom: 1 } }, { session });
  await deps.links.markVerified(user._id, session);
  if (isStrangers) {
    await deps.sessions.endAll(user._id, 'password_changed', { session });
    await removePasskeys(deps.models, user._id, session);
  }
  return { ...user, ...change };
}

/** An admin's password is the operator's. */
function mayBeStrangers({ counts }: CodeSignInDeps, user: UserDoc, { address, deviceId }: CodeClient): boolean {
  if (user.role === 'admin' || deviceId !== null) return false;
  return user.registeredFrom !== counts.networkPseudonym(address);
}
