// A part of app.ts: everything about accounts.
import type { JWT } from '@fastify/jwt';
import type { Accounts } from './accounts/accounts.ts';
import { createAccounts } from './accounts/accounts.ts';
import { ensureConfiguredAdmin } from './accounts/bootstrap.ts';
import { createGuessLimits } from './accounts/guess-limits.ts';
import type { CloseAccount, Holdings } from './accounts/own/close-account.ts';
import { createCloseAccount } from './accounts/own/close-account.ts';
import type { Belongings } from './accounts/own/export.ts';
import { createExport } from './accounts/own/export.ts';
import type { Keys } from './accounts/keys.ts';
import { createPasswords } from './accounts/passwords.ts';
import type { Links } from './accounts/recovery/links.ts';
import { createLinks } from './accounts/recovery/links.ts';
import type { Recovery } from './accounts/recovery/recovery.ts';
import { createRecovery } from './accounts/recovery/recovery.ts';
import { createSessions } from './accounts/sessions.ts';
import { createTokens } from './accounts/tokens.ts';
import type { Now } from './clock.ts';
import type { Config } from './config.ts';
import type { Models } from './models/models.ts';
import type { Subscriptions } from './push/subscriptions.ts';
import { createSubscriptions } from './push/subscriptions.ts';
import type { Transact } from './mongo/transact.ts';

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
