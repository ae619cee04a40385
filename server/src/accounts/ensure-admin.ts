import { Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { Models } from '#server/models/models.ts';
import { canonicalEmail } from '#shared/text/email.ts';
import { unwrap } from '#shared/protocol/errors.ts';
import { insertUser, replacePassword } from './accounts.ts';
import { UNLIMITED } from './guessing/guess-limits.ts';
import { removePasskeys } from './passkeys/remove-passkeys.ts';
import type { Passwords } from './passwords.ts';
import type { Sessions } from './sessions.ts';
import { shortenSessions } from './sessions.ts';

export interface EnsureAdminDeps {
  models: Models;
  passwords: Passwords;
  sessions: Sessions;
  now: Now;
}

/** Makes ADMIN_EMAIL an admin with ADMIN_PASSWORD. Repeating it changes nothing and ends no session. */
export async function ensureConfiguredAdmin(
  deps: EnsureAdminDeps & { config: Pick<Config, 'adminEmail' | 'adminPassword'> },
): Promise<void> {
  const { adminEmail, adminPassword } = deps.config;
  if (adminEmail && adminPassword) await ensureAdmin(deps, adminEmail, adminPassword);
}

/** Ensures that the account exists, is an admin and has this password. A new password ends all sessions and passkeys. */
export async function ensureAdmin(deps: EnsureAdminDeps, address: string, password: string): Promise<void> {
  const email = canonicalEmail(address) ?? address;
  const known = await deps.models.users.findOne({ email }).lean<UserDoc>();
  if (!known && (await insertUser(deps.models, await newAdmin(deps, email, password)))) return;
  const user = known ?? (await deps.models.users.findOne({ email }).orFail().lean<UserDoc>());
  // The password comes from the server's own configuration.
  const isKnown = unwrap(await deps.passwords.matches(user.passwordHash, password, UNLIMITED));
  if (!isKnown) {
    await replacePassword(deps, user._id, unwrap(await deps.passwords.hash(password)));
    await removePasskeys(deps.models, user._id);
  }
  // The role is granted last: an earlier owner of this account must never have an admin's session, password or passkey.
  if (user.role === 'admin') return;
  await deps.models.users.updateOne({ _id: user._id }, { $set: { role: 'admin' } });
  await shortenSessions(deps.models, user._id, deps.now());
}

async function newAdmin(deps: EnsureAdminDeps, email: string, password: string): Promise<UserDoc> {
  return {
    _id: new Types.ObjectId(),
    name: 'Admin',
    email,
    passwordHash: unwrap(await deps.passwords.hash(password)),
    verified: false,
    locale: 'en',
    role: 'admin',
    createdAt: deps.now(),
  };
}
