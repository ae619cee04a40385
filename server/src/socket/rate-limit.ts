import type { RateClass } from './command-definition.ts';

/** A token bucket: how many commands it allows in the long run, and how many at once. */
interface RateRule {
  perSecond: number;
  burst: number;
}

/** Budgets of commands. Many users share one address (a campus, a venue's network), so only a flood meets its limit. */
const RATE_RULES = {
  connection: {
    read: { perSecond: 60, burst: 120 },
    write: { perSecond: 20, burst: 40 },
    free: { perSecond: 60, burst: 120 },
  },
  user: { read: { perSecond: 120, burst: 240 }, write: { perSecond: 30, burst: 60 } },
  address: { perSecond: 3_000, burst: 6_000 },
} as const satisfies Record<string, RateRule | Partial<Record<RateClass, RateRule>>>;

/** Most users, and most addresses, that are remembered; beyond it the oldest buckets count as full again. */
const MAX_BUCKETS = 50_000;

/** Milliseconds until a bucket has a token. A bucket is one number: the time at which it is full again. */
function untilTokenMs(fullAtMs: number, rule: RateRule, nowMs: number): number {
  const intervalMs = 1_000 / rule.perSecond;
  return Math.max(0, fullAtMs - intervalMs * (rule.burst - 1) - nowMs);
}

/** The bucket after one token was taken. */
function spendToken(fullAtMs: number, rule: RateRule, nowMs: number): number {
  return Math.max(fullAtMs, nowMs) + 1_000 / rule.perSecond;
}

/** A token to take from one bucket: the map that holds the bucket, its key in the map, and its rule. */
interface TokenCharge {
  buckets: Map<string, number>;
  key: string;
  rule: RateRule;
}

/**
 * Takes one token from every bucket and returns 0. Where a bucket is empty, takes none and returns the milliseconds
 * until all have a token. An absent bucket is full.
 */
function takeTokens(charges: readonly TokenCharge[], nowMs: number): number {
  let longestMs = 0;
  for (const { buckets, key, rule } of charges) {
    longestMs = Math.max(longestMs, untilTokenMs(buckets.get(key) ?? 0, rule, nowMs));
  }
  if (longestMs > 0) return Math.ceil(longestMs);
  for (const { buckets, key, rule } of charges) buckets.set(key, spendToken(buckets.get(key) ?? 0, rule, nowMs));
  return 0;
}

/** Drops the full buckets, which equal absent ones, and then the oldest until at most `most` are left. */
function pruneBuckets(buckets: Map<string, number>, nowMs: number, most: number): void {
  for (const [key, fullAtMs] of buckets) if (fullAtMs <= nowMs) buckets.delete(key);
  for (const key of buckets.keys()) {
    if (buckets.size <= most) return;
    buckets.delete(key);
  }
}

/** The sender of a command, as its budgets see it; `userId` is `null` for a signed-out visitor. */
export interface CommandSender {
  /** The connection's id. */
  id: string;
  userId: string | null;
  address: string;
}

export type SocketRateLimits = ReturnType<typeof createSocketRateLimits>;

/** Budgets per connection, user and address, in memory of this process. `monotonic` is in milliseconds. */
export function createSocketRateLimits({ on, monotonic }: { on: boolean; monotonic: () => number }) {
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
    /** Charges a command to its sender. Returns 0 where it may go on, else the milliseconds until it may. */
    admitCommand(sender: CommandSender, rate: RateClass): number {
      return on ? takeTokens(chargesOf(sender, rate), monotonic()) : 0;
    },
    /** Charges a new transport to its address only. Returns 0 or milliseconds, as `admitCommand` does. */
    admitHandshake(address: string): number {
      return on ? takeTokens([{ buckets: addresses, key: address, rule: RATE_RULES.address }], monotonic()) : 0;
    },
    /** Forgets the senders who have been quiet. Called at intervals, so that memory stays bounded. */
    prune(): void {
      const nowMs = monotonic();
      for (const buckets of all) pruneBuckets(buckets, nowMs, MAX_BUCKETS);
    },
  };
}

type Buckets = Record<RateClass, Map<string, number>>;
