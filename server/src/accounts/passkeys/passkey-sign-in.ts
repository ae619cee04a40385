import type { PasskeyProblem, ProvedCredential } from '#shared/accounts/passkey.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok } from '#shared/protocol/errors.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { PasskeyDoc } from '#server/models/accounts/passkey.ts';
import type { Models } from '#server/models/models.ts';
import type { LoginClient, SignedInUser } from '../accounts.ts';
import type { GuessLimits } from '../guessing/guess-limits.ts';
import type { KnownDevices } from '../guessing/known-devices.ts';
import type { Sessions } from '../sessions.ts';
import type { PasskeyProof } from './passkey-proof.ts';
import { passkeyRefusal } from './passkey-proof.ts';
import type { PasskeySite } from './passkey-site.ts';

interface PasskeySignInDeps {
  models: Pick<Models, 'users' | 'passkeys'>;
  proof: PasskeyProof;
  sessions: Sessions;
  guessLimits: GuessLimits;
  knownDevices: KnownDevices;
}

export type PasskeySignIn = ReturnType<typeof createPasskeySignIn>;

/** Signing in by a passkey, without naming the account: the passkey names it. */
export function createPasskeySignIn(deps: PasskeySignInDeps) {
  const counts: Record<PasskeyProblem | 'signed_in' | 'limited', number> = {
    signed_in: 0,
    unknown: 0,
    challenge: 0,
    counter: 0,
    invalid: 0,
    limited: 0,
  };

  return {
    /** Attempts since the start, by outcome. */
    counts,
    options: (site: PasskeySite) => deps.proof.options({ site, purpose: 'sign-in' }),
    /** UNAUTHENTICATED with `details.passkey`, RATE_LIMITED. Other sessions go on. */
    async signIn(site: PasskeySite, credential: ProvedCredential, client: LoginClient): Promise<Result<SignedInUser>> {
      const signedIn = await signIn(deps, site, credential, client);
      counts[signedIn.ok ? 'signed_in' : problemOf(signedIn.error.details)] += 1;
      return signedIn;
    },
  };
}

function problemOf(details: Record<string, unknown> = {}): PasskeyProblem | 'limited' {
  return (details['passkey'] as PasskeyProblem | undefined) ?? 'limited';
}

async function signIn(
  deps: PasskeySignInDeps,
  site: PasskeySite,
  credential: ProvedCredential,
  client: LoginClient,
): Promise<Result<SignedInUser>> {
  const { passkeys, users } = deps.models;
  const known = await passkeys.findById(credential.id).lean<PasskeyDoc>();
  const deviceId = known && deps.knownDevices.deviceId(client.marks, known.userId.toHexString());
  const attempt = deps.guessLimits.passkey(credential.id, { address: client.address, deviceId });
  const refusal = await attempt.guessRefusal();
  if (refusal) return { ok: false, error: refusal };
  const proved = await deps.proof.verify({ site, purpose: 'sign-in' }, credential);
  await attempt.countGuess(proved.ok);
  if (!proved.ok) return proved;
  const user = await users.findById(proved.data.userId).lean<UserDoc>();
  if (!user) return passkeyRefusal('unknown');
  const opened = await deps.sessions.open(user, client.device);
  // The passkey may have been removed while it was verified: a session that it has opened must not stay.
  if (await passkeys.exists({ _id: proved.data._id })) return ok({ user, ...opened });
  await deps.sessions.end(opened.session._id, 'logged_out');
  return passkeyRefusal('unknown');
}
