import type { PasskeyProblem } from '#shared/accounts/passkey.ts';
import type { Log } from '#server/log.ts';
import type { ChallengePurpose, PasskeyChallenges } from './challenges.ts';

/** How long a browser asks for a passkey, in milliseconds. */
export const CEREMONY_MS = 5 * 60_000;

/** EdDSA, ES256 and RS256 (COSE): what authenticators have. Others make Node warn of experiments. */
export const ALGORITHMS = [-8, -7, -257];

/** The library that writes and verifies what browsers and authenticators exchange. Loaded on the first use of a passkey. */
export const webAuthn = () => import('@simplewebauthn/server');

interface AnswerDeps {
  challenges: Pick<PasskeyChallenges, 'isValid'>;
  log: Pick<Log, 'debug'>;
}

/**
 * Runs a verification of the library, which throws for whatever does not fit; resolves with what it has verified and the
 * challenge that was signed, or with the reason why that counts for nothing.
 */
export async function signedAnswer<T>(
  { challenges, log }: AnswerDeps,
  purpose: ChallengePurpose,
  verify: (expectedChallenge: (challenge: string) => boolean) => Promise<T | null>,
): Promise<{ answer: T; challenge: string } | PasskeyProblem> {
  const signed: { challenge: string; isValid: boolean }[] = [];
  try {
    const answer = await verify((challenge) => {
      signed.push({ challenge, isValid: challenges.isValid(challenge, purpose) });
      return signed[0]?.isValid ?? false;
    });
    return answer !== null && signed[0] ? { answer, challenge: signed[0].challenge } : 'invalid';
  } catch (error) {
    log.debug({ err: error }, 'A passkey was refused');
    return signed[0]?.isValid === false ? 'challenge' : 'invalid';
  }
}
