import { refuse } from '#shared/protocol/errors.ts';
import type { Config } from '#server/config.ts';
import type { PasswordAttempt } from '../passwords.ts';
import type { CountLimit, SharedCounts } from './shared-counts.ts';

/** Wrong passwords, and wrong codes, in 15 minutes for one account from one network, one known device or one session. */
const FAILURES_PER_SOURCE = 10;
const FAILURES_PER_NETWORK = 100;
/** From unknown devices in all networks together. */
const FAILURES_PER_ACCOUNT = 100;

/** Not limited: nothing is read, nothing counted. */
export const UNLIMITED: PasswordAttempt = { guessRefusal: async () => null, countGuess: async () => undefined };

/** Who tries the password of an account to sign in. */
interface Guesser {
  /** The client's IP address. */
  address: string;
  /** The device's id if the account has signed in on it before, else null. */
  deviceId: string | null;
}

export type GuessLimits = ReturnType<typeof createGuessLimits>;

/**
 * Limits wrong passwords so that a stranger locks out the stranger, not the owner: an unknown device is limited per
 * account and network, per network, and, much higher, per account; a device that the account has signed in on before and
 * an open session have a count of their own and are exempt from all others. Right passwords are never counted.
 */
export function createGuessLimits(deps: { config: Pick<Config, 'rateLimits'>; counts: SharedCounts }) {
  const { counts } = deps;
  const accountKey = (email: string) => `account:${counts.pseudonym(email)}`;

  /** `own` is forgotten by a right password. */
  function attempt(own: CountLimit, others: readonly CountLimit[] = []): PasswordAttempt {
    if (!deps.config.rateLimits) return UNLIMITED;
    const limits = [own, ...others];
    return {
      async guessRefusal() {
        const retryAfterMs = await counts.waitMs(limits);
        return retryAfterMs > 0 ? refuse('RATE_LIMITED', { retryAfterMs }).error : null;
      },
      async countGuess(matches) {
        if (matches) await counts.forget(own.key);
        else await counts.count(limits.map(({ key }) => key));
      },
    };
  }

  /** Limits what is tried from one network, in all and for each subject; a known device has a limit of its own. */
  function bySource(kind: 'code' | 'passkey', subject: string, { address, deviceId }: Guesser): PasswordAttempt {
    const tried = `${kind}:${counts.pseudonym(subject)}`;
    if (deviceId !== null) return attempt({ key: `${tried}:device:${deviceId}`, max: FAILURES_PER_SOURCE });
    const network = `${kind}:network:${counts.networkPseudonym(address)}`;
    return attempt({ key: `${tried}:${network}`, max: FAILURES_PER_SOURCE }, [
      { key: network, max: FAILURES_PER_NETWORK },
    ]);
  }

  return {
    /** The limits for one attempt to sign in. The account need not exist, so that refusals reveal no account. */
    login(email: string, { address, deviceId }: Guesser): PasswordAttempt {
      const account = accountKey(email);
      if (deviceId !== null) return attempt({ key: `${account}:device:${deviceId}`, max: FAILURES_PER_SOURCE });
      const network = `network:${counts.networkPseudonym(address)}`;
      return attempt({ key: `${account}:${network}`, max: FAILURES_PER_SOURCE }, [
        { key: network, max: FAILURES_PER_NETWORK },
        { key: `${account}:all`, max: FAILURES_PER_ACCOUNT },
      ]);
    },
    /**
     * The limits for one mailed code. There is none for an account from all networks: a code ends after five wrong tries
     * from anywhere, so the limit would only keep its owner out.
     */
    code: (email: string, guesser: Guesser): PasswordAttempt => bySource('code', email, guesser),
    /** The limits for one attempt with a passkey, which need not exist. */
    passkey: (id: string, guesser: Guesser): PasswordAttempt => bySource('passkey', id, guesser),
    /** The limits for one attempt within an open session, such as a change of the password. */
    session: (sessionId: string): PasswordAttempt => attempt({ key: `session:${sessionId}`, max: FAILURES_PER_SOURCE }),
    /** Ends every lock of an account, after its owner has proved the address by a mailed link. */
    unlock: (email: string): Promise<void> => counts.forgetAll(`${accountKey(email)}:`),
  };
}
