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
/** Mails to one address: more are not sent, and nobody is told so. */
const MAILS_PER_ADDRESS = 3;
/** Tokens that were none, from one network. */
const WRONG_TOKENS = 30;

export interface RecoveryDeps {
  models: Models;
  passwords: Passwords;
  sessions: Sessions;
  links: AccountLinks;
  withTransaction: WithTransaction;
  config: Pick<Config, 'rateLimits'>;
  now: Now;
  /** A mail was ordered. */
  wake(): void;
}

export type Recovery = ReturnType<typeof createRecovery>;

/** What is done by links in mails: a new password, and the proof that an address is its owner's. */
export function createRecovery(deps: RecoveryDeps) {
  const mails = createRateWindow({ max: MAILS_PER_ADDRESS, windowMs: WINDOW_MS, now: deps.now });
  const wrong = createRateWindow({ max: WRONG_TOKENS, windowMs: WINDOW_MS, now: deps.now });

  /** The answer, and the work behind it, are the same whether there is such an account or not. */
  async function forgot(input: z.infer<typeof forgotPasswordInput>): Promise<void> {
    const email = input.email.toLowerCase();
    if (deps.config.rateLimits && mails.waitMs(email) > 0) return;
    mails.count(email);
    const user = await deps.models.users.findOne({ email }).lean<UserDoc>();
    await insertJob(deps.models, accountMailJob('reset', user?._id ?? null, randomUUID()), deps.now());
    deps.wake();
  }

  /** Sets a new password, once; ends every session, and all other links to a new password. */
  async function reset(input: z.infer<typeof resetPasswordInput>, address: string): Promise<Result<null>> {
    const retryAfterMs = waitMs(address);
    if (retryAfterMs > 0) return refuse('RATE_LIMITED', { retryAfterMs });
    if (!(await deps.links.find(input.token, 'reset'))) return wrongLink(address);
    const passwordHash = await deps.passwords.hash(input.next);
    if (!passwordHash.ok) return passwordHash;
    const userId = await deps.withTransaction((session) => setPassword(deps, input.token, passwordHash.data, session));
    if (!userId) return wrongLink(address);
    // Once more: one may have been opened with the old password meanwhile.
    await deps.sessions.endAll(userId, 'password_changed');
    return ok(null);
  }

  async function verify({ token }: z.infer<typeof verifyEmailInput>, address: string): Promise<Result<null>> {
    const retryAfterMs = waitMs(address);
    if (retryAfterMs > 0) return refuse('RATE_LIMITED', { retryAfterMs });
    const verified = await deps.withTransaction((session) => proveAddress(deps, token, session));
    return verified ? ok(null) : wrongLink(address);
  }

  function waitMs(address: string): number {
    return deps.config.rateLimits ? wrong.waitMs(networkOf(address)) : 0;
  }

  /** Forged, used and expired are one and the same to whoever asks. */
  function wrongLink(address: string) {
    wrong.count(networkOf(address));
    return refuse('NOT_FOUND', { message: 'This link was used before, is too old, or never was one.' });
  }

  return { forgot, reset, verify };
}

/** In one commit with the link's end: a crash leaves the old password with a link that still counts, or the new one. */
async function setPassword(
  { models, sessions, links }: RecoveryDeps,
  token: string,
  passwordHash: string,
  session: ClientSession,
): Promise<Types.ObjectId | null> {
  const link = await links.take(token, 'reset', session);
  if (!link) return null;
  // Whoever has the link has the mail: that proves the address as well.
  const change = { $set: { passwordHash, verified: true } };
  const { matchedCount } = await models.users.updateOne({ _id: link.userId }, change, { session });
  if (matchedCount === 0) return null;
  await links.revoke(link.userId, 'reset', session);
  await sessions.endAll(link.userId, 'password_changed', { session });
  return link.userId;
}

async function proveAddress({ models, links }: RecoveryDeps, token: string, session: ClientSession): Promise<boolean> {
  const link = await links.take(token, 'verify', session);
  if (!link) return false;
  const change = { $set: { verified: true } };
  const { matchedCount } = await models.users.updateOne({ _id: link.userId }, change, { session });
  await links.revoke(link.userId, 'verify', session);
  return matchedCount === 1;
}
