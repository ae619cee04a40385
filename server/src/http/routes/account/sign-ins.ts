import type { FastifyInstance } from 'fastify';
import type { Accounts } from '#server/accounts/accounts.ts';
import type { CodeSignIn } from '#server/accounts/code/code-sign-in.ts';
import type { OwnPasskeys } from '#server/accounts/passkeys/own-passkeys.ts';
import type { PasskeySignIn } from '#server/accounts/passkeys/passkey-sign-in.ts';
import type { Sessions } from '#server/accounts/sessions.ts';
import type { RateLimits } from '../../rate-limit.ts';
import { mountCode } from './code.ts';
import { mountPasskeys } from './passkeys.ts';
import { mountProvisional } from './provisional.ts';
import { mountSession } from './session.ts';
import type { SignedInDeps } from './signed-in.ts';

export interface SignInRoutes extends SignedInDeps {
  accounts: Accounts;
  codeSignIn: CodeSignIn;
  passkeys: { own: OwnPasskeys; signIn: PasskeySignIn };
  sessions: Sessions;
  limits: RateLimits;
}

/** Every way to a session, and what sessions may do with their account. */
export function mountSignIns(api: FastifyInstance, deps: SignInRoutes): void {
  mountSession(api, deps);
  mountCode(api, deps);
  mountPasskeys(api, deps);
  mountProvisional(api, deps);
}
