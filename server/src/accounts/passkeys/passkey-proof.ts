import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import type { PasskeyProblem, ProvedCredential } from '#shared/accounts/passkey.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { PasskeyDoc } from '#server/models/accounts/passkey.ts';
import type { Models } from '#server/models/models.ts';
import type { ChallengePurpose, PasskeyChallenges } from './challenges.ts';
import type { PasskeySite } from './passkey-site.ts';
import { CEREMONY_MS, signedAnswer, webAuthn } from './web-authn.ts';

interface PasskeyProofDeps {
  models: Pick<Models, 'passkeys'>;
  challenges: PasskeyChallenges;
  now: Now;
  log: Pick<Log, 'warn' | 'debug'>;
}

/** Where and for what a passkey proves its owner. */
interface Occasion {
  site: PasskeySite;
  purpose: ChallengePurpose;
}

export type PasskeyProof = ReturnType<typeof createPasskeyProof>;

/** Proofs by a passkey that its owner is here. */
export function createPasskeyProof(deps: PasskeyProofDeps) {
  return {
    /** What a browser needs to ask for one of these passkeys, or, if none is named, for any that it has for the site. */
    async options(
      { site, purpose }: Occasion,
      passkeys: readonly PasskeyDoc[] = [],
    ): Promise<PublicKeyCredentialRequestOptionsJSON> {
      const { generateAuthenticationOptions } = await webAuthn();
      return generateAuthenticationOptions({
        rpID: site.domain,
        challenge: deps.challenges.create(purpose),
        timeout: CEREMONY_MS,
        userVerification: 'preferred',
        allowCredentials: passkeys.map(descriptorOf),
      });
    },
    /** The passkey that made the proof, and its challenge is used up. UNAUTHENTICATED with `details.passkey`. */
    verify: (occasion: Occasion, credential: ProvedCredential) => verify(deps, occasion, credential),
  };
}

async function verify(
  deps: PasskeyProofDeps,
  occasion: Occasion,
  credential: ProvedCredential,
): Promise<Result<PasskeyDoc>> {
  const passkey = await deps.models.passkeys.findById(credential.id).lean<PasskeyDoc>();
  if (!passkey) return passkeyRefusal('unknown');
  const counter = await signedCounter(deps, occasion, passkey, credential);
  if (typeof counter === 'string') return passkeyRefusal(counter);
  return countUse(deps, passkey, counter);
}

/** The counter that the passkey has signed, with a challenge that is used up by it; or why it counts for nothing. */
async function signedCounter(
  deps: PasskeyProofDeps,
  { site, purpose }: Occasion,
  { _id, userId, publicKey }: PasskeyDoc,
  credential: ProvedCredential,
): Promise<number | PasskeyProblem> {
  const { userHandle } = credential.response;
  if (userHandle !== undefined && userHandle !== userHandleOf(userId)) return 'invalid';
  const { verifyAuthenticationResponse } = await webAuthn();
  const signed = await signedAnswer(deps, purpose, async (expectedChallenge) => {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...credential, clientExtensionResults: {} } as AuthenticationResponseJSON,
      expectedChallenge,
      expectedOrigin: site.origins,
      expectedRPID: site.domain,
      requireUserVerification: false,
      // The counter is compared in the write that stores it.
      credential: { id: _id, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')), counter: 0 },
    });
    return verified ? authenticationInfo.newCounter : null;
  });
  if (typeof signed === 'string') return signed;
  return (await deps.challenges.use(signed.challenge)) ? signed.answer : 'challenge';
}

/** Stores the use, if the authenticator has counted on since the last one, or counts nothing at all. */
async function countUse(
  { models, now, log }: PasskeyProofDeps,
  { _id, userId }: PasskeyDoc,
  counter: number,
): Promise<Result<PasskeyDoc>> {
  const isNext = counter === 0 ? { counter: 0 } : { counter: { $lt: counter } };
  const used = await models.passkeys
    .findOneAndUpdate({ _id, ...isNext }, { $set: { counter, lastUsedAt: now() } }, { returnDocument: 'after' })
    .lean<PasskeyDoc>();
  if (used) return ok(used);
  if (!(await models.passkeys.exists({ _id }))) return passkeyRefusal('unknown');
  log.warn({ userId: userId.toHexString() }, 'A passkey was refused because there may be a copy of it');
  return passkeyRefusal('counter');
}

const MESSAGES: Record<PasskeyProblem, string> = {
  unknown: 'No account here has this passkey.',
  challenge: 'The challenge has expired or was used already: ask for another one.',
  counter: 'This passkey was used elsewhere as often: there may be a copy of it.',
  invalid: 'The passkey was not used on a page of this site, or its signature is wrong.',
};

export function passkeyRefusal(problem: PasskeyProblem): { ok: false; error: Refusal } {
  return refuse('UNAUTHENTICATED', { message: MESSAGES[problem], details: { passkey: problem } });
}

/** The account's id as authenticators keep it, in base64url. */
export function userHandleOf(userId: PasskeyDoc['userId']): string {
  return Buffer.from(userId.toHexString(), 'hex').toString('base64url');
}

/** Names a passkey to a browser. */
export function descriptorOf({ _id, transports }: PasskeyDoc) {
  return { id: _id, transports: transports as AuthenticatorTransport[] };
}
