import { isIPv6 } from 'node:net';
import { refuse } from '#shared/protocol/errors.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { PasswordAttempt } from './passwords.ts';
import { createRateWindow } from './rate-window.ts';

const WINDOW_MS = 15 * 60_000;
const FAILURES_PER_ACCOUNT = 10;
const FAILURES_PER_ADDRESS = 100;

export type GuessLimits = ReturnType<typeof createGuessLimits>;

/** Bounds wrong passwords by account and by address; right ones are never counted. */
export function createGuessLimits(deps: { config: Pick<Config, 'rateLimits'>; now: Now }) {
  const accounts = createRateWindow({ max: FAILURES_PER_ACCOUNT, windowMs: WINDOW_MS, now: deps.now });
  const addresses = createRateWindow({ max: FAILURES_PER_ADDRESS, windowMs: WINDOW_MS, now: deps.now });

  /** One attempt on an account, which need not exist: the answers must not tell. */
  return function attempt(email: string, address: string): PasswordAttempt {
    const network = networkOf(address);
    return {
      admit() {
        const retryAfterMs = Math.max(accounts.waitMs(email), addresses.waitMs(network));
        return deps.config.rateLimits && retryAfterMs > 0 ? refuse('RATE_LIMITED', { retryAfterMs }).error : null;
      },
      settle(right) {
        if (right) return accounts.forget(email);
        accounts.count(email);
        addresses.count(network);
      },
    };
  };
}

/** What one person can hold of addresses: a single IPv4 address, or a /64 of IPv6. */
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
