import type { RateClass } from './command-definition.ts';

/** A token bucket: what it allows in the long run, and at once. */
export interface RateRule {
  perSecond: number;
  burst: number;
}

/** Many people share one address (a campus, a hall's network), so only floods meet its limit. */
export const RATE_RULES = {
  connection: {
    read: { perSecond: 60, burst: 120 },
    write: { perSecond: 20, burst: 40 },
    free: { perSecond: 60, burst: 120 },
  },
  user: { read: { perSecond: 120, burst: 240 }, write: { perSecond: 30, burst: 60 } },
  address: { perSecond: 3_000, burst: 6_000 },
} as const satisfies Record<string, RateRule | Partial<Record<RateClass, RateRule>>>;

/** More users or addresses than this are not remembered at once: the oldest start afresh. */
const MAX_BUCKETS = 50_000;

/** How long until a bucket has a token, in milliseconds. A bucket is one number: when it is full again. */
export function untilTokenMs(fullAtMs: number, rule: RateRule, nowMs: number): number {
  const intervalMs = 1_000 / rule.perSecond;
  return Math.max(0, fullAtMs - intervalMs * (rule.burst - 1) - nowMs);
}

/** The bucket after one token was taken. */
export function spendToken(fullAtMs: number, rule: RateRule, nowMs: number): number {
  return Math.max(fullAtMs, nowMs) + 1_000 / rule.perSecond;
}

/** One bucket's place: the map it lives in, its key there and its rule. */
export interface TokenCharge {
  buckets: Map<string, number>;
  key: string;
  rule: RateRule;
}

/**
 * Takes one token from every bucket and gives 0; where one of them is empty it takes none and gives the milliseconds
 * until all have one. An absent bucket is a full one.
 */
export function takeTokens(charges: readonly TokenCharge[], nowMs: number): number {
  let longestMs = 0;
  for (const { buckets, key, rule } of charges) {
    longestMs = Math.max(longestMs, untilTokenMs(buckets.get(key) ?? 0, rule, nowMs));
  }
  if (longestMs > 0) return Math.ceil(longestMs);
  for (const { buckets, key, rule } of charges) buckets.set(key, spendToken(buckets.get(key) ?? 0, rule, nowMs));
  return 0;
}

/** Drops the full buckets (they equal absent ones), and the oldest where there are still more than `most`. */
export function pruneBuckets(buckets: Map<string, number>, nowMs: number, most: number): void {
  for (const [key, fullAtMs] of buckets) if (fullAtMs <= nowMs) buckets.delete(key);
  for (const key of buckets.keys()) {
    if (buckets.size <= most) return;
    buckets.delete(key);
  }
}

/** Who sends a command: one connection, of a user or a guest, from an address. */
export interface CommandSender {
  id: string;
  userId: string | null;
  address: string;
}

export type SocketRateLimits = ReturnType<typeof createSocketRateLimits>;

/** Budgets per connection, user and address, in memory of this process. `monotonic` is in milliseconds. */
export function createSocketRateLimits(deps: { on: boolean; monotonic: () => number }) {
  const connections = { read: new Map(), write: new Map(), free: new Map() } satisfies Buckets;
  const users = { read: new Map<string, number>(), write: new Map<string, number>() };
  const addresses = new Map<string, number>();
  const all = [...Object.values(connections), ...Object.values(users), addresses];

  function chargesOf(sender: CommandSender, rate: RateClass): TokenCharge[] {
    const charges: TokenCharge[] = [
      { buckets: connections[rate], key: sender.id, rule: RATE_RULES.connection[rate] },
      { buckets: addresses, key: sender.address, rule: RATE_RULES.address },
    ];
    if (sender.userId !== null && rate !== 'free') {
      charges.push({ buckets: users[rate], key: sender.userId, rule: RATE_RULES.user[rate] });
    }
    return charges;
  }

  return {
    /** 0 when a command may go on, else the milliseconds to wait. */
    admitCommand(sender: CommandSender, rate: RateClass): number {
      return deps.on ? takeTokens(chargesOf(sender, rate), deps.monotonic()) : 0;
    },
    /** The same for a new connection: only its address pays. */
    admitHandshake(address: string): number {
      if (!deps.on) return 0;
      return takeTokens([{ buckets: addresses, key: address, rule: RATE_RULES.address }], deps.monotonic());
    },
    /** Forgets who has been quiet; called now and then, so that memory stays bounded. */
    prune(): void {
      const nowMs = deps.monotonic();
      for (const buckets of all) pruneBuckets(buckets, nowMs, MAX_BUCKETS);
    },
  };
}

type Buckets = Record<RateClass, Map<string, number>>;
