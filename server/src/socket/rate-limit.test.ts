import { describe, expect, it } from 'vitest';
import { createSocketRateLimits } from './rate-limit.ts';

describe('the rate limits of sockets', () => {
  const sender = (id: string, userId: string | null = null, address = '10.0.0.1') => ({ id, userId, address });
  const flood = (limits: ReturnType<typeof createSocketRateLimits>, who: ReturnType<typeof sender>, commands: number) =>
    Array.from({ length: commands }, () => limits.admitCommand(who, 'write')).filter((wait) => wait === 0).length;

  it('allow each connection its own burst', () => {
    const limits = createSocketRateLimits({ on: true, monotonic: () => 0 });
    expect(flood(limits, sender('a'), 1_000)).toBe(40);
    expect(flood(limits, sender('b'), 1_000)).toBe(40);
    expect(limits.admitCommand(sender('a'), 'read')).toBe(0);
  });

  it('allow a user one budget over twenty connections', () => {
    const limits = createSocketRateLimits({ on: true, monotonic: () => 0 });
    const admitted = Array.from({ length: 20 }, (_, index) => flood(limits, sender(`${index}`, 'mallory'), 100));
    expect(admitted.reduce((sum, each) => sum + each)).toBe(60);
  });

  it('allow an address one budget, handshakes included, however many users share it', () => {
    const limits = createSocketRateLimits({ on: true, monotonic: () => 0 });
    let admitted = 0;
    for (let user = 0; user < 400; user += 1) admitted += flood(limits, sender(`s${user}`, `u${user}`), 30);
    expect(admitted).toBe(6_000);
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

  it('allow the burst at once, then one command per interval, and never accumulate more than the burst', () => {
    let nowMs = 1_000_000;
    const limits = createSocketRateLimits({ on: true, monotonic: () => nowMs });
    const waitMs = () => limits.admitCommand(sender('a'), 'write');
    expect(flood(limits, sender('a'), 40)).toBe(40);
    expect(waitMs()).toBe(50);
    nowMs += 30;
    expect(waitMs()).toBe(20);
    nowMs += 20;
    expect([waitMs(), waitMs()]).toEqual([0, 50]);
    nowMs += 3_600_000;
    expect(flood(limits, sender('a'), 100)).toBe(40);
  });

  it('charge all budgets or none, and return the time until the emptiest budget allows a command', () => {
    let nowMs = 0;
    const limits = createSocketRateLimits({ on: true, monotonic: () => nowMs });
    const [first, second] = [sender('first', 'mallory'), sender('second', 'mallory')];
    expect([flood(limits, first, 40), flood(limits, second, 20)]).toEqual([40, 20]);
    // The user's budget is empty: a refused command takes nothing from the second connection's budget.
    expect(flood(limits, second, 100)).toBe(0);
    expect(limits.admitCommand(second, 'write')).toBe(34);
    nowMs = 720;
    expect(flood(limits, second, 100)).toBe(21);
  });

  it('forget the oldest addresses beyond the limit, which then have a full budget', () => {
    const limits = createSocketRateLimits({ on: true, monotonic: () => 0 });
    const isRefused = (address: string) => limits.admitHandshake(address) > 0;
    for (const address of ['oldest', 'newest']) {
      for (let handshake = 0; handshake < 6_000; handshake += 1) limits.admitHandshake(address);
    }
    limits.prune();
    expect([isRefused('oldest'), isRefused('newest')]).toEqual([true, true]);
    for (let address = 0; address < 49_999; address += 1) limits.admitHandshake(`${address}`);
    limits.prune();
    expect([isRefused('newest'), isRefused('oldest')]).toEqual([true, false]);
  });

  it('forget a sender that has sent nothing for a while', () => {
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
