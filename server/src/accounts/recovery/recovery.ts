import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import type { z } from 'zod';
import type { forgotPasswordInput, resetPasswordInput, verifyEmailInput } from '#shared/account.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import { insertJob } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import type { GuessLimits } from '../guessing/guess-limits.ts';
import type { SharedCounts } from '../guessing/shared-counts.ts';
import { removePasskeys } from '../passkeys/remove-passkeys.ts';
import type { Passwords } from '../passwords.ts';
import type { Sessions } from '../sessions.ts';
import type { AccountLinks } from './account-links.ts';
import { accountMailJob } from './account-mail-job.ts';

/** Reset mails, and mails for verification, to one address in 15 minutes. Further reset mails are dropped silently. */
const MAILS_PER_ADDRESS = 3;
/** Invalid tokens from one network in 15 minutes. */
const WRONG_TOKENS = 30;

const ALREADY_VERIFIED = { message: 'This address is verified already.', details: { verified: true } };

interface RecoveryDeps {
  models: Models;
  passwords: Passwords;
  sessions: Sessions;
  links: AccountLinks;
  guessLimits: GuessLimits;
  counts: SharedCounts;
  withTransaction: WithTransaction;
  config: Pick<Config, 'rateLimits'>;
  now: Now;
  /** Called after a mail job was added. */
  wake(): void;
}

export type Recovery = ReturnType<typeof createRecovery>;

/** What mailed links are for: setting a new password, and verifying an email address. */
export function createRecovery(deps: RecoveryDeps) {
  const { counts, config } = deps;

  /** Adds a reset mail job. Takes the same time whether the account exists or not. */
  async function forgot(input: z.infer<typeof forgotPasswordInput>): Promise<void> {
    const { email } = input;
    const mails = { key: `reset-mail:${counts.pseudonym(email)}`, max: MAILS_PER_ADDRESS };
    if (config.rateLimits && (await counts.waitMs([mails])) > 0) return;
    await counts.count([mails.key]);
    const user = await deps.models.users.findOne({ email }).lean<UserDoc>();
    await insertJob(deps.models, accountMailJob('reset', user?._id ?? null, randomUUID()), deps.now());
    deps.wake();
  }

  /** Mails a new link to an address that is not verified yet; earlier links stay valid. */
  async function sendVerification({ _id, email, verified }: UserDoc): Promise<Result<null>> {
    if (verified) return refuse('INVALID_STATE', ALREADY_VERIFIED);
    const mails = { key: `verify-mail:${counts.pseudonym(email)}`, max: MAILS_PER_ADDRESS };
    const retryAfterMs = config.rateLimits ? await counts.waitMs([mails]) : 0;
    if (retryAfterMs > 0) return refuse('RATE_LIMITED', { retryAfterMs });
    await counts.count([mails.key]);
    await insertJob(deps.models, accountMailJob('verify', _id, randomUUID()), deps.now());
    deps.wake();
    return ok(null);
  }

  /** Sets a new password, once per link; ends every session, all other reset links and every lock of the account. */
  async function reset(
    input: z.infer<typeof resetPasswordInput>,
    address: string,
  ): Promise<Result<{ userId: string }>> {
    if (!(await deps.links.find(input.token, 'reset'))) return linkRefusal(address);
    const passwordHash = await deps.passwords.hash(input.next);
    if (!passwordHash.ok) return passwordHash;
    const owner = await deps.withTransaction((session) => setPassword(deps, input.token, passwordHash.data, session));
    if (!owner) return linkRefusal(address);
    // Again: a session may have been opened with the old password meanwhile.
    await deps.sessions.endAll(owner._id, 'password_changed');
    await deps.guessLimits.unlock(owner.email);
    return ok({ userId: owner._id.toHexString() });
  }

  /** Verifies an address. A link that was used already is refused like any other invalid link, with `details.verified`. */
  async function verify({ token }: z.infer<typeof verifyEmailInput>, address: string): Promise<Result<null>> {
    const verified = await deps.withTransaction((session) => verifyAddress(deps, token, session));
    if (verified) return ok(null);
    return (await deps.links.wasVerified(token)) ? refuse('NOT_FOUND', ALREADY_VERIFIED) : linkRefusal(address);
  }

  /** One refusal for forged, used and expired links. Only these are limited: a valid link works in every network. */
  async function linkRefusal(address: string) {
    const tokens = { key: `wrong-link:${counts.networkPseudonym(address)}`, max: WRONG_TOKENS };
    const retryAfterMs = config.rateLimits ? await counts.waitMs([tokens]) : 0;
    if (retryAfterMs > 0) return refuse('RATE_LIMITED', { retryAfterMs });
    await counts.count([tokens.key]);
    return refuse('NOT_FOUND', { message: 'This link was used already, has expired or does not exist.' });
  }

  return { forgot, sendVerification, reset, verify };
}

/** Deletes the link in the same commit: a crash leaves the old password with a valid link, or the new password. */
async function setPassword(
  { models, sessions, links }: RecoveryDeps,
  token: string,
  passwordHash: string,
  session: ClientSession,
): Promise<UserDoc | null> {
  const link = await links.consume(token, 'reset', session);
  if (!link) return null;
  // The link came by mail, so using it verifies the address as well.
  const change = { $set: { passwordHash, verified: true }, $unset: { registeredFrom: 1 } } as const;
  const before = { session, returnDocument: 'before' } as const;
  const owner = await models.users.findOneAndUpdate({ _id: link.userId }, change, before).lean<UserDoc>();
  if (!owner) return null;
  await links.revoke(link.userId, 'reset', session);
  await sessions.endAll(link.userId, 'password_changed', { session });
  // An account with an unverified address may have been registered by a stranger, whose passkeys must not stay.
  if (!owner.verified) await removePasskeys(models, link.userId, session);
  return owner;
}

async function verifyAddress({ models, links }: RecoveryDeps, token: string, session: ClientSession): Promise<boolean> {
  const link = await links.find(token, 'verify', session);
  if (!link) return false;
  const change = { $set: { verified: true }, $unset: { registeredFrom: 1 } } as const;
  const { matchedCount } = await models.users.updateOne({ _id: link.userId }, change, { session });
  await links.markVerified(link.userId, session);
  return matchedCount === 1;
}
