import { randomUUID } from 'node:crypto';
import type { ClientSession, Types } from 'mongoose';
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
import { networkOf } from '../guess-limits.ts';
import type { Passwords } from '../passwords.ts';
import type { Sessions } from '../sessions.ts';
import { createRateWindow } from '../rate-window.ts';
import type { AccountLinks } from './account-links.ts';
import { accountMailJob } from './account-mail-job.ts';

const WINDOW_MS = 15 * 60_000;
/** Reset mails to one address per window; further ones are dropped silently. */
const MAILS_PER_ADDRESS = 3;
/** Invalid tokens from one network per window. */
const WRONG_TOKENS = 30;

const ALREADY_VERIFIED = { message: 'This address is verified already.', details: { verified: true } };

interface RecoveryDeps {
  models: Models;
  passwords: Passwords;
  sessions: Sessions;
  links: AccountLinks;
  withTransaction: WithTransaction;
  config: Pick<Config, 'rateLimits'>;
  now: Now;
  /** Called after a mail job was added. */
  wake(): void;
}

export type Recovery = ReturnType<typeof createRecovery>;

/** What mailed links are for: setting a new password, and verifying an email address. */
export function createRecovery(deps: RecoveryDeps) {
  const resetMails = createRateWindow({ max: MAILS_PER_ADDRESS, windowMs: WINDOW_MS, now: deps.now });
  const invalidTokens = createRateWindow({ max: WRONG_TOKENS, windowMs: WINDOW_MS, now: deps.now });

  /** Adds a reset mail job. Takes the same time whether the account exists or not. */
  async function forgot(input: z.infer<typeof forgotPasswordInput>): Promise<void> {
    const { email } = input;
    if (deps.config.rateLimits && resetMails.waitMs(email) > 0) return;
    resetMails.count(email);
    const user = await deps.models.users.findOne({ email }).lean<UserDoc>();
    await insertJob(deps.models, accountMailJob('reset', user?._id ?? null, randomUUID()), deps.now());
    deps.wake();
  }

  /** Sets a new password, once per link; ends every session and all other reset links. */
  async function reset(input: z.infer<typeof resetPasswordInput>, address: string): Promise<Result<null>> {
    const retryAfterMs = retryAfterMsFor(address);
    if (retryAfterMs > 0) return refuse('RATE_LIMITED', { retryAfterMs });
    if (!(await deps.links.find(input.token, 'reset'))) return linkRefusal(address);
    const passwordHash = await deps.passwords.hash(input.next);
    if (!passwordHash.ok) return passwordHash;
    const userId = await deps.withTransaction((session) => setPassword(deps, input.token, passwordHash.data, session));
    if (!userId) return linkRefusal(address);
    // Again: a session may have been opened with the old password meanwhile.
    await deps.sessions.endAll(userId, 'password_changed');
    return ok(null);
  }

  /** Verifies an address. A link that was used already is refused like any other invalid link, with `details.verified`. */
  async function verify({ token }: z.infer<typeof verifyEmailInput>, address: string): Promise<Result<null>> {
    const retryAfterMs = retryAfterMsFor(address);
    if (retryAfterMs > 0) return refuse('RATE_LIMITED', { retryAfterMs });
    const verified = await deps.withTransaction((session) => verifyAddress(deps, token, session));
    if (verified) return ok(null);
    return (await deps.links.wasVerified(token)) ? refuse('NOT_FOUND', ALREADY_VERIFIED) : linkRefusal(address);
  }

  function retryAfterMsFor(address: string): number {
    return deps.config.rateLimits ? invalidTokens.waitMs(networkOf(address)) : 0;
  }

  /** One refusal for forged, used and expired links. */
  function linkRefusal(address: string) {
    invalidTokens.count(networkOf(address));
    return refuse('NOT_FOUND', { message: 'This link was used already, has expired or does not exist.' });
  }

  return { forgot, reset, verify };
}

/** Deletes the link in the same commit: a crash leaves the old password with a valid link, or the new password. */
async function setPassword(
  { models, sessions, links }: RecoveryDeps,
  token: string,
  passwordHash: string,
  session: ClientSession,
): Promise<Types.ObjectId | null> {
  const link = await links.consume(token, 'reset', session);
  if (!link) return null;
  // The link came by mail, so using it verifies the address as well.
  const change = { $set: { passwordHash, verified: true } };
  const { matchedCount } = await models.users.updateOne({ _id: link.userId }, change, { session });
  if (matchedCount === 0) return null;
  await links.revoke(link.userId, 'reset', session);
  await sessions.endAll(link.userId, 'password_changed', { session });
  return link.userId;
}

async function verifyAddress({ models, links }: RecoveryDeps, token: string, session: ClientSession): Promise<boolean> {
  const link = await links.find(token, 'verify', session);
  if (!link) return false;
  const change = { $set: { verified: true } };
  const { matchedCount } = await models.users.updateOne({ _id: link.userId }, change, { session });
  await links.markVerified(link.userId, session);
  return matchedCount === 1;
}
