import { describe, expect, it } from 'vitest';
import { refuse } from '#shared/protocol/errors.ts';
import { createPasswords } from './passwords.ts';

const FREE = { admit: () => null, settle: () => undefined };

describe('passwords', () => {
  it('are hashed a bounded number at a time; beyond the line the answer is BUSY, and the line moves on', async () => {
    const passwords = createPasswords({ parallel: 1, waiting: 2 });
    const results = await Promise.all(['a', 'b', 'c', 'd'].map((password) => passwords.hash(password)));
    expect(results.map((result) => (result.ok ? 'ok' : result.error.code))).toEqual(['ok', 'ok', 'ok', 'BUSY']);
    expect(results[3]).toMatchObject({ error: { retryAfterMs: expect.any(Number) } });
    expect(await passwords.hash('e')).toMatchObject({ ok: true });
  });

  it('match their own hash only, and never that of nobody', async () => {
    const passwords = createPasswords();
    const hashed = await passwords.hash('correct horse');
    if (!hashed.ok) throw new Error(hashed.error.code);
    expect(await passwords.matches(hashed.data, 'correct horse', FREE)).toEqual({ ok: true, data: true });
    expect(await passwords.matches(hashed.data, 'correct horsf', FREE)).toEqual({ ok: true, data: false });
    expect(await passwords.matches(null, 'nobody has this password', FREE)).toEqual({ ok: true, data: false });
  });

  it('take as long to check where there is no account', async () => {
    const passwords = createPasswords();
    const hashed = await passwords.hash('correct horse');
    if (!hashed.ok) throw new Error(hashed.error.code);
    const cost = async (hash: string | null) => {
      const before = performance.now();
      for (let i = 0; i < 10; i += 1) await passwords.matches(hash, 'wrong', FREE);
      return performance.now() - before;
    };
    await cost(null);
    const [known, unknown] = [await cost(hashed.data), await cost(null)];
    expect(unknown / known).toBeGreaterThan(0.3);
    expect(unknown / known).toBeLessThan(3);
  });

  it('are not checked where the attempt is refused in its turn, and each check is settled in its turn', async () => {
    const passwords = createPasswords({ parallel: 1, waiting: 10 });
    let failures = 0;
    const attempt = {
      admit: () => (failures >= 2 ? refuse('RATE_LIMITED').error : null),
      settle: (right: boolean) => void (failures += right ? 0 : 1),
    };
    const results = await Promise.all(['x', 'y', 'z'].map((guess) => passwords.matches(null, guess, attempt)));
    expect(results.map((result) => (result.ok ? result.data : result.error.code))).toEqual([
      false,
      false,
      'RATE_LIMITED',
    ]);
  });

  it('that cannot be checked leave the line usable', async () => {
    const passwords = createPasswords({ parallel: 1, waiting: 1 });
    await expect(passwords.matches('no hash at all', 'x', FREE)).rejects.toThrow();
    expect(await passwords.hash('next')).toMatchObject({ ok: true });
  });
});
