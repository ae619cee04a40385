import { hash } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { refuse, unwrap } from '#shared/protocol/errors.ts';
import { UNLIMITED } from './guessing/guess-limits.ts';
import { createPasswords } from './passwords.ts';

describe('passwords', () => {
  it('are hashed a bounded number at a time; a full queue refuses with BUSY, and drains', async () => {
    const passwords = createPasswords(undefined, { parallel: 1, queued: 2 });
    const results = await Promise.all(['a', 'b', 'c', 'd'].map((password) => passwords.hash(password)));
    expect(results.map((result) => (result.ok ? 'ok' : result.error.code))).toEqual(['ok', 'ok', 'ok', 'BUSY']);
    expect(results[3]).toMatchObject({ error: { retryAfterMs: expect.any(Number) } });
    expect(await passwords.hash('e')).toMatchObject({ ok: true });
  });

  it('match their own hash only, and never a missing account', async () => {
    const passwords = createPasswords();
    const hashed = await passwords.hash('correct horse');
    if (!hashed.ok) throw new Error(hashed.error.code);
    expect(await passwords.matches(hashed.data, 'correct horse', UNLIMITED)).toEqual({ ok: true, data: true });
    expect(await passwords.matches(hashed.data, 'correct horsf', UNLIMITED)).toEqual({ ok: true, data: false });
    expect(await passwords.matches(null, 'a password of no account', UNLIMITED)).toEqual({ ok: true, data: false });
  });

  it('match in every form that a keyboard may send, whatever form was hashed', async () => {
    const passwords = createPasswords();
    const forms = ['Crème brûlée', 'Crème brûlée'.normalize('NFD'), 'Ｃrème brûlée'];
    for (const first of forms) {
      const hashed = unwrap(await passwords.hash(first));
      for (const then of forms) expect(unwrap(await passwords.matches(hashed, then, UNLIMITED)), then).toBe(true);
      expect(unwrap(await passwords.matches(hashed, 'Creme brulee', UNLIMITED))).toBe(false);
    }
  });

  it('match hashes of earlier versions, which are of the password as it was typed', async () => {
    const passwords = createPasswords();
    for (const typed of ['Crème brûlée'.normalize('NFD'), 'Crème brûlée', 'Ｃrème brûlée']) {
      const old = await hash(typed);
      for (const now of [typed, typed.normalize('NFC'), typed.normalize('NFD')])
        expect(unwrap(await passwords.matches(old, now, UNLIMITED)), typed).toBe(true);
    }
  });

  it('take as long to verify if there is no account', async () => {
    const passwords = createPasswords();
    const hashed = await passwords.hash('correct horse');
    if (!hashed.ok) throw new Error(hashed.error.code);
    const costMs = async (hash: string | null) => {
      const before = performance.now();
      await passwords.matches(hash, 'wrong', UNLIMITED);
      return performance.now() - before;
    };
    await costMs(null);
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let i = 0; i < 5; i += 1) {
      known.push(await costMs(hashed.data));
      unknown.push(await costMs(null));
    }
    // The quickest of several: on a busy machine any one of them may take several times as long.
    const ratio = Math.min(...unknown) / Math.min(...known);
    expect(ratio).toBeGreaterThan(0.3);
    expect(ratio).toBeLessThan(3);
  });

  it('are not verified once earlier guesses in the queue have reached the limit', async () => {
    const passwords = createPasswords(undefined, { parallel: 1, queued: 10 });
    let failures = 0;
    const attempt = {
      guessRefusal: async () => (failures >= 2 ? refuse('RATE_LIMITED').error : null),
      countGuess: async (matches: boolean) => void (failures += matches ? 0 : 1),
    };
    const results = await Promise.all(['x', 'y', 'z'].map((guess) => passwords.matches(null, guess, attempt)));
    expect(results.map((result) => (result.ok ? result.data : result.error.code))).toEqual([
      false,
      false,
      'RATE_LIMITED',
    ]);
  });

  it('leave the queue usable after a verification that throws', async () => {
    const passwords = createPasswords(undefined, { parallel: 1, queued: 1 });
    await expect(passwords.matches('no hash at all', 'x', UNLIMITED)).rejects.toThrow();
    expect(await passwords.hash('next')).toMatchObject({ ok: true });
  });
});
