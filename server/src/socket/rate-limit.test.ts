import { describe, expect, it } from 'vitest';
import type { TokenCharge, RateRule } from './rate-limit.ts';
import {
  takeTokens,
  createSocketRateLimits,
  pruneBuckets,
  RATE_RULES,
  spendToken,
  untilTokenMs,
} from './rate-limit.ts';

const rule: RateRule = { perSecond: 10, burst: 3 };

describe('a token bucket', () => {
  it('gives its burst at once, then one token an interval', () => {
    let fullAtMs = 0;
    for (let taken = 0; taken < 3; taken += 1) {
      expect(untilTokenMs(fullAtMs, rule, 1_000)).toBe(0);
      fullAtMs = spendToken(fullAtMs, rule, 1_000);
    }
    expect(untilTokenMs(fullAtMs, rule, 1_000)).toBe(100);
    expect(untilTokenMs(fullAtMs, rule, 1_060)).toBe(40);
    expect(untilTokenMs(fullAtMs, rule, 1_100)).toBe(0);
  });

  it('never holds more than its burst', () => {
    const fullAtMs = spendToken(0, rule, 1_000_000);
    expect(fullAtMs).toBe(1_000_100);
  });
});

describe('takeTokens', () => {
  const charge = (buckets: Map<string, number>, burst: number): TokenCharge => ({
    buckets,
    key: 'a',
    rule: { perSecond: 1, burst },
  });

  it('takes from every bucket or from none, and gives the time until the emptiest has a token', () => {
    const [small, large] = [new Map<string, number>(), new Map<string, number>()];
    const charges = [charge(small, 1), charge(large, 2)];
    expect(takeTokens(charges, 5_000)).toBe(0);
    expect(takeTokens(charges, 5_000)).toBe(1_000);
    expect(large.get('a')).toBe(6_000);
    expect(takeTokens(charges, 6_000)).toBe(0);
  });
});

describe('pruneBuckets', () => {
  it('drops the full buckets, then the oldest beyond the limit', () => {
    const buckets = new Map([
      ['full', 900],
      ['oldest', 1_500],
      ['newer', 1_500],
    ]);
    pruneBuckets(buckets, 1_000, 2);
    expect([...buckets.keys()]).toEqual(['oldest', 'newer']);
    pruneBuckets(buckets, 1_000, 1);
    expect([...buckets.keys()]).toEqual(['newer']);
  });
});

describe('the rate limits of sockets', () => {
  const sender = (id: string, userId: string | null = null, address = '10.0.0.1') => ({ id, userId, address });
  const flood = (limits: ReturnType<typeof createSocketRateLimits>, who: ReturnType<typeof sender>, commands: number) =>
    Array.from({ length: commands }, () => limits.admitCommand(who, 'write')).filter((wait) => wait === 0).length;

  it('allow each connection its own burst', () => {
    const limits = createSocketRateLimits({ on: true, monotonic: () => 0 });
    expect(flood(limits, sender('a'), 1_000)).toBe(RATE_RULES.connection.write.burst);
    expect(flood(limits, sender('b'), 1_000)).toBe(RATE_RULES.connection.write.burst);
    expect(limits.admitCommand(sender('a'), 'read')).toBe(0);
  });

  it('allow a user one budget over twenty connections', () => {
    const limits = createSocketRateLimits({ on: true, monotonic: () => 0 });
    const admitted = Array.from({ length: 20 }, (_, index) => flood(limits, sender(`${index}`, 'mallory'), 100));
    expect(admitted.reduce((sum, each) => sum + each)).toBe(RATE_RULES.user.write.burst);
  });

  it('allow an address one budget, handshakes included, however many users share it', () => {
    const limits = createSocketRateLimits({ on: true, monotonic: () => 0 });
    let admitted = 0;
    for (let user = 0; user < 400; user += 1) admitted += flood(limits, sender(`s${user}`, `u${user}`), 30);
    expect(admitted).toBe(RATE_RULES.address.burst);
    expect(limits.admitHandshake('10.0.0.1')).toBeGreaterThan(0);
    expect(limits.admitHandshake('10.0.0.2')).toBe(0);
  });

  it('[F13] let two thousand users behind one address reconnect at once', () => {
    const limits = createSocketRateLimits({ on: true, monotonic: () => 0 });
    const refused = Array.from({ length: 2_000 }, (_, index) => {
      const who = sender(`s${index}`, `u${index}`);
      return limits.admitHandshake(who.address) + limits.admitCommand(who, 'free') + limits.admitCommand(who, 'read');
    });
    expect(refused.every((wait) => wait === 0)).toBe(true);
  });

  it('forget a sender who has been quiet', () => {
    let nowMs = 0;
    const limits = createSocketRateLimits({ on: true, monotonic: () => nowMs });
    expect(flood(limits, sender('a', 'alice'), 1_000)).toBe(40);
    nowMs = 60_000;
    limits.prune();
    expect(flood(limits, sender('a', 'alice'), 1_000)).toBe(40);
  });

  it('allow everything when the configuration turns them off', () => {
    const limits = createSocketRateLimits({ on: false, monotonic: () => 0 });
    expect(flood(limits, sender('a'), 10_000)).toBe(10_000);
    expect(limits.admitHandshake('10.0.0.1')).toBe(0);
  });
});
