// A part of app.ts: everything about accounts.
import type { JWT } from '@fastify/jwt';
import type { Accounts } from '#server/accounts/accounts.ts';
import { createAccounts } from '#server/accounts/accounts.ts';
import { ensureConfiguredAdmin } from '#server/accounts/bootstrap.ts';
import { createGuessLimits } from '#server/accounts/guess-limits.ts';
import type { CloseAccount, Holdings } from '#server/accounts/own/close-account.ts';
import { createCloseAccount } from '#server/accounts/own/close-account.ts';
import type { Belongings } from '#server/accounts/own/export.ts';
import { createExport } from '#server/accounts/own/export.ts';
import type { Keys } from '#server/accounts/keys.ts';
import { createPasswords } from '#server/accounts/passwords.ts';
import type { Links } from '#server/accounts/recovery/links.ts';
import { createLinks } from '#server/accounts/recovery/links.ts';
import type { Recovery } from '#server/accounts/recovery/recovery.ts';
import { createRecovery } from '#server/accounts/recovery/recovery.ts';
import { createSessions } from '#server/accounts/sessions.ts';
import { createTokens } from '#server/accounts/tokens.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { Models } from '#server/models/models.ts';
import type { Subscriptions } from '#server/push/subscriptions.ts';
import { createSubscriptions } from '#server/push/subscriptions.ts';
import type { Transact } from '#server/mongo/with-transaction.ts';

export interface PeopleOptions {
  models: Models;
  transact: Transact;
  jwt: JWT;
  keys: Pick<Keys, 'vapid'>;
  config: Config;
  now: Now;
  /** A mail was ordered. */
  wake(): void;
}

export type People = Awaited<ReturnType<typeof createPeople>>;

/** Accounts, their sessions, and the ways back into one; the admin of the settings is there afterwards. */
export async function createPeople(options: PeopleOptions) {
  const { models, jwt, keys, config, now } = options;
  const sessions = createSessions({ models, tokens: createTokens(jwt, now), now });
  const passwords = createPasswords();
  const guessLimits = createGuessLimits({ config, now });
  const links: Links = createLinks({ models, now });
  const deps = { ...options, sessions, passwords, guessLimits, links };
  const accounts: Accounts = createAccounts(deps);
  const recovery: Recovery = createRecovery(deps);
  await ensureConfiguredAdmin(deps);

  /** What needs to know of bookings, which come later. */
  function ownData(holdings: Holdings, belongings: Belongings) {
    const closeAccount: CloseAccount = createCloseAccount({ ...deps, holdings });
    return { closeAccount, exportOf: createExport({ models, now, belongings }) };
  }

  const subscriptions: Subscriptions = createSubscriptions({ models, now });
  const { vapid } = keys;
  return { sessions, passwords, links, accounts, recovery, subscriptions, vapid, ownData };
}
