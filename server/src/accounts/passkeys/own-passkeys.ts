import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { ClientSession, Types } from 'mongoose';
import type { NewCredential, PasskeyOptionsInput } from '#shared/accounts/passkey.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { Log } from '#server/log.ts';
import type { PasskeyDoc } from '#server/models/accounts/passkey.ts';
import { shownEmail } from '#server/models/accounts/shown-email.ts';
import { insertJob } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import type { GuessLimits } from '../guessing/guess-limits.ts';
import type { SharedCounts } from '../guessing/shared-counts.ts';
import type { Passwords } from '../passwords.ts';
import type { Identity } from '../sessions.ts';
import type { ChallengePurpose, PasskeyChallenges } from './challenges.ts';
import { passkeyMailJob } from './passkey-mail-job.ts';
import type { PasskeyProof } from './passkey-proof.ts';
import { descriptorOf, passkeyRefusal, userHandleOf } from './passkey-proof.ts';
import type { PasskeySite } from './passkey-site.ts';
import { ALGORITHMS, CEREMONY_MS, signedAnswer, webAuthn } from './web-authn.ts';

/** Passkeys of an account. */
const MOST_PASSKEYS = 10;
/** How long after the sign-in a session may add a passkey without another proof. */
const FRESH_MS = 10 * 60_000;
/** Passkeys that an account may add in an hour: each sends a mail. */
const ADDED_PER_HOUR = 20;
const HOUR_MS = 3_600_000;

interface OwnPasskeysDeps {
  config: Pick<Config, 'siteName' | 'rateLimits'>;
  models: Models;
  challenges: PasskeyChallenges;
  proof: PasskeyProof;
  passwords: Passwords;
  guessLimits: GuessLimits;
  counts: Pick<SharedCounts, 'take'>;
  withTransaction: WithTransaction;
  now: Now;
  log: Pick<Log, 'debug'>;
  /** Called after a mail job was added. */
  wake(): void;
}

export type OwnPasskeys = ReturnType<typeof createOwnPasskeys>;

/** The passkeys of the account that asks. */
export function createOwnPasskeys(deps: OwnPasskeysDeps) {
  return {
    /** The oldest first. */
    list: (userId: Types.ObjectId) => listOf(deps, userId),
    /**
     * What a browser needs to make a passkey. A session older than ten minutes needs the password, or, where there is
     * none, a new code: FORBIDDEN with `details.password` or `details.code`. LIMIT_EXCEEDED at ten passkeys.
     */
    options: (identity: Identity, site: PasskeySite, input: PasskeyOptionsInput) =>
      options(deps, identity, site, input),
    /** What a browser needs to prove by one of the account's passkeys that its owner wants to close it. */
    closingOptions: async (
      { user, session }: Identity,
      site: PasskeySite,
    ): Promise<PublicKeyCredentialRequestOptionsJSON> =>
      deps.proof.options({ site, purpose: closing(session._id) }, await listOf(deps, user._id)),
    /** Stores a new passkey; its owner gets a mail. UNAUTHENTICATED with `details.passkey`, LIMIT_EXCEEDED, RATE_LIMITED. */
    add: (identity: Identity, site: PasskeySite, credential: NewCredential, device: string) =>
      add(deps, identity, site, credential, device),
    /** Removes a passkey; its owner gets a mail. Sessions that it has opened go on. NOT_FOUND. */
    remove: (identity: Identity, id: string) => remove(deps, identity, id),
  };
}

/** The purpose of a challenge by which a session adds a passkey. */
function adding(sessionId: Types.ObjectId): ChallengePurpose {
  return `add:${sessionId.toHexString()}`;
}

/** The purpose of a challenge that closes the account of a session. */
export function closing(sessionId: Types.ObjectId): ChallengePurpose {
  return `close:${sessionId.toHexString()}`;
}

function listOf({ models }: OwnPasskeysDeps, userId: Types.ObjectId, session?: ClientSession): Promise<PasskeyDoc[]> {
  return models.passkeys
    .find({ userId }, null, { session: session ?? null })
    .sort({ createdAt: 1 })
    .lean<PasskeyDoc[]>()
    .exec();
}

async function options(
  deps: OwnPasskeysDeps,
  identity: Identity,
  site: PasskeySite,
  { password }: PasskeyOptionsInput,
): Promise<Result<PublicKeyCredentialCreationOptionsJSON>> {
  const { user, session } = identity;
  const refusal = await freshnessRefusal(deps, identity, password);
  if (refusal) return { ok: false, error: refusal };
  const passkeys = await listOf(deps, user._id);
  if (passkeys.length >= MOST_PASSKEYS) return limitRefusal();
  const { generateRegistrationOptions } = await webAuthn();
  const made = await generateRegistrationOptions({
    rpName: deps.config.siteName,
    rpID: site.domain,
    userName: shownEmail(user.email),
    userDisplayName: user.name,
    userID: new Uint8Array(Buffer.from(userHandleOf(user._id), 'base64url')),
    challenge: deps.challenges.create(adding(session._id)),
    timeout: CEREMONY_MS,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: passkeys.map(descriptorOf),
    authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
  });
  return ok(made);
}

/** A stolen session must not add a way in that outlives it. */
async function freshnessRefusal(
  { passwords, guessLimits, now }: OwnPasskeysDeps,
  { user, session }: Identity,
  password: string | undefined,
): Promise<Refusal | null> {
  if (now().getTime() - session.createdAt.getTime() <= FRESH_MS) return null;
  if (user.passwordHash === null) return proofRefusal('code', 'Sign in by a mailed code first.');
  if (password === undefined) return proofRefusal('password', 'Name the password of the account.');
  const attempt = guessLimits.session(session._id.toHexString());
  const matches = await passwords.matches(user.passwordHash, password, attempt);
  if (!matches.ok) return matches.error;
  return matches.data ? null : refuse('FORBIDDEN', { message: 'The password is wrong.' }).error;
}

function proofRefusal(needed: 'code' | 'password', message: string): Refusal {
  return refuse('FORBIDDEN', { message, details: { [needed]: 'needed' } }).error;
}

function limitRefusal() {
  return refuse('LIMIT_EXCEEDED', {
    message: `An account has ${MOST_PASSKEYS} passkeys at most.`,
    details: { limit: MOST_PASSKEYS },
  });
}

async function add(
  deps: OwnPasskeysDeps,
  identity: Identity,
  site: PasskeySite,
  credential: NewCredential,
  device: string,
): Promise<Result<PasskeyDoc>> {
  const { user } = identity;
  const limit = { key: `passkeys-added:${user._id.toHexString()}`, max: ADDED_PER_HOUR };
  const retryAfterMs = deps.config.rateLimits ? await deps.counts.take(limit, HOUR_MS) : 0;
  if (retryAfterMs > 0) return refuse('RATE_LIMITED', { retryAfterMs });
  const made = await verifiedPasskey(deps, identity, site, credential);
  if (!made.ok) return made;
  const passkey: PasskeyDoc = { ...made.data, device, createdAt: deps.now(), lastUsedAt: null };
  const added = await storePasskey(deps, identity, passkey);
  if (added.ok) deps.wake();
  return added;
}

/** A new passkey as its authenticator has made it; its challenge is used up. */
async function verifiedPasskey(
  deps: OwnPasskeysDeps,
  { user, session }: Identity,
  site: PasskeySite,
  credential: NewCredential,
): Promise<Result<Pick<PasskeyDoc, '_id' | 'userId' | 'publicKey' | 'counter' | 'transports' | 'domain'>>> {
  const { verifyRegistrationResponse } = await webAuthn();
  const made = await signedAnswer(deps, adding(session._id), async (expectedChallenge) => {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...credential, clientExtensionResults: {} } as RegistrationResponseJSON,
      expectedChallenge,
      expectedOrigin: site.origins,
      expectedRPID: site.domain,
      requireUserVerification: false,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    return verified ? registrationInfo.credential : null;
  });
  if (typeof made === 'string') return passkeyRefusal(made);
  if (!(await deps.challenges.use(made.challenge))) return passkeyRefusal('challenge');
  const { id, publicKey, counter } = made.answer;
  const { transports = [] } = credential.response;
  const key = { _id: id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports };
  return ok({ ...key, userId: user._id, domain: site.domain });
}

async function storePasskey(
  deps: OwnPasskeysDeps,
  identity: Identity,
  passkey: PasskeyDoc,
): Promise<Result<PasskeyDoc>> {
  try {
    return await deps.withTransaction((session) => insertPasskey(deps, identity, passkey, session));
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return refuse('INVALID_STATE', { message: 'This passkey was added already.', details: { passkey: 'known' } });
  }
}

/**
 * The count in the account's document is the guard: of two simultaneous additions the second sees the first, and none is
 * added to an account that is being closed. A session that has ended meanwhile adds nothing.
 */
async function insertPasskey(
  { models, now }: OwnPasskeysDeps,
  { user, session: { _id: sessionId } }: Identity,
  passkey: PasskeyDoc,
  session: ClientSession,
): Promise<Result<PasskeyDoc>> {
  if (!(await models.sessions.findOne({ _id: sessionId, ended: null }, {}, { session }).lean()))
    return refuse('UNAUTHENTICATED');
  const withRoom = { _id: user._id, passkeyCount: { $not: { $gte: MOST_PASSKEYS } } };
  const { matchedCount } = await models.users.updateOne(withRoom, { $inc: { passkeyCount: 1 } }, { session });
  if (matchedCount === 0) return limitRefusal();
  await models.passkeys.collection.insertOne(passkey as never, { session });
  const { userId, device, createdAt: at } = passkey;
  await insertJob(models, passkeyMailJob({ userId, change: 'added', device, at }), now(), session);
  return ok(passkey);
}

async function remove(deps: OwnPasskeysDeps, { user }: Identity, id: string): Promise<Result<null>> {
  const { models, now } = deps;
  const isRemoved = await deps.withTransaction(async (session) => {
    const own = { _id: id, userId: user._id };
    const removed = await models.passkeys.findOneAndDelete(own, { session }).lean<PasskeyDoc>();
    if (!removed) return false;
    await models.users.updateOne({ _id: user._id }, { $inc: { passkeyCount: -1 } }, { session });
    const change = { userId: user._id, change: 'removed', device: removed.device, at: now() } as const;
    await insertJob(models, passkeyMailJob(change), now(), session);
    return true;
  });
  if (!isRemoved) return refuse('NOT_FOUND');
  deps.wake();
  return ok(null);
}
