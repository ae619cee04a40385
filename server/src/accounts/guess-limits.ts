import { isIPv6 } from 'node:net';
import { refuse } from '#shared/protocol/errors.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { PasswordAttempt } from './passwords.ts';
import { createRateWindow } from './rate-window.ts';

const WINDOW_MS = 15 * 60_000;
const FAILURES_PER_ACCOUNT = 10;
const FAILURES_PER_NETWORK = 100;

export type GuessLimits = ReturnType<typeof createGuessLimits>;

/** Limits wrong passwords per account and per network. Right passwords are never counted. */
export function createGuessLimits(deps: { config: Pick<Config, 'rateLimits'>; now: Now }) {
  const accounts = createRateWindow({ max: FAILURES_PER_ACCOUNT, windowMs: WINDOW_MS, now: deps.now });
  const networks = createRateWindow({ max: FAILURES_PER_NETWORK, windowMs: WINDOW_MS, now: deps.now });

  /** The limits for one attempt. The account need not exist, so that refusals reveal no account. */
  return function attempt(email: string, address: string): PasswordAttempt {
    const network = networkOf(address);
    return {
      guessRefusal() {
        const retryAfterMs = Math.max(accounts.waitMs(email), networks.waitMs(network));
        return deps.config.rateLimits && retryAfterMs > 0 ? refuse('RATE_LIMITED', { retryAfterMs }).error : null;
      },
      countGuess(matches) {
        if (matches) return accounts.forget(email);
        accounts.count(email);
        networks.count(network);
      },
    };
  };
}

/** The network that one subscriber usually controls: a single IPv4 address, or an IPv6 /64. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail?.split(':').filter(Boolean) ?? [];
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = tail === undefined ? left : [...left, ...zeros, ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
