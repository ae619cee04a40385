import { expect, test } from 'vitest';
import type { Reply } from './connection/connection.svelte.ts';
import { Deed } from './deed.svelte.ts';
import { failure } from './fixtures.ts';

/** A deed whose pauses pass at once on a clock in the hand. */
function aDeed() {
  const clock = { nowMs: 0 };
  const pause = async (ms: number) => void (clock.nowMs += ms);
  return { clock, deed: new Deed({ now: () => clock.nowMs, random: () => 0, pause }) };
}

test('it is sent again while the server is busy or away, and its answer given back', async () => {
  const { deed } = aDeed();
  const answers: Reply<number>[] = [
    failure('CONNECTION_LOST'),
    failure('BUSY', { retryAfterMs: 5 }),
    { ok: true, data: 7 },
  ];
  const shown: string[] = [];
  const made = await deed.do(async () => {
    shown.push(deed.state.kind);
    return answers.shift() ?? failure('INTERNAL');
  });
  expect(made).toBe(7);
  expect(shown).toEqual(['sending', 'retrying', 'retrying']);
  expect(deed.state).toEqual({ kind: 'idle' });
});

test('a refusal is kept to be shown, and a second press clears it', async () => {
  const { deed } = aDeed();
  expect(await deed.do(async () => failure('INVALID_STATE'))).toBeNull();
  expect(deed.state).toMatchObject({ kind: 'refused', because: { code: 'INVALID_STATE' } });
  expect(await deed.do(async () => ({ ok: true, data: 1 }))).toBe(1);
  expect(deed.state.kind).toBe('idle');
});

test('one press at a time, and Stop ends the trying', async () => {
  const { deed } = aDeed();
  const { promise, resolve } = Promise.withResolvers<Reply<number>>();
  const first = deed.do(() => promise);
  expect(await deed.do(async () => ({ ok: true, data: 2 }))).toBeNull();
  deed.stop();
  resolve({ ok: true, data: 1 });
  expect(await first).toBeNull();
  expect(deed.state.kind).toBe('idle');
});

test('after two minutes the last failure is the answer', async () => {
  const { deed, clock } = aDeed();
  expect(await deed.do(async () => failure('UNAVAILABLE'))).toBeNull();
  expect(deed.state).toMatchObject({ kind: 'refused', because: { code: 'UNAVAILABLE' } });
  expect(clock.nowMs).toBeLessThanOrEqual(120_000);
});
