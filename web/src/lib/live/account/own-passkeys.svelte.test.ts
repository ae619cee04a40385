import { expect, test } from 'vitest';
import type { Passkey } from '#shared/accounts/passkey.ts';
import type { Reply } from '../connection/connection.svelte.ts';
import { OwnPasskeys } from './own-passkeys.svelte.ts';

const passkey = (id: string): Passkey => ({
  id,
  device: 'Chrome, Android',
  domain: 'example.org',
  createdAt: '2026-11-23T12:00:00.000Z',
  lastUsedAt: null,
});
const refused = (code: 'NOT_FOUND' | 'INTERNAL'): Reply<never> => ({ ok: false, error: { code, message: '' } });

function own(answers: { list?: () => Reply<{ passkeys: Passkey[] }>; remove?: () => Reply<unknown> }) {
  const stored = [passkey('one'), passkey('two')];
  return new OwnPasskeys({
    list: async () => answers.list?.() ?? { ok: true, data: { passkeys: [...stored] } },
    remove: async (id) => {
      const reply = answers.remove?.() ?? { ok: true, data: null };
      const at = stored.findIndex((one) => one.id === id);
      if (reply.ok) stored.splice(at, 1);
      return reply;
    },
  });
}

test('a passkey that is removed leaves the list', async () => {
  const mine = own({});
  await mine.load();
  const removing = mine.remove('one');
  expect(mine.removingId).toBe('one');
  expect(await removing).toBe(true);
  expect([mine.all.map(({ id }) => id), mine.removingId, mine.hasFailed]).toEqual([['two'], null, false]);
});

test('a passkey that another tab has removed counts as removed, and any other refusal as a failure', async () => {
  const gone = own({ remove: () => refused('NOT_FOUND') });
  expect([await gone.remove('one'), gone.hasFailed]).toEqual([true, false]);
  const failing = own({ remove: () => refused('INTERNAL') });
  expect([await failing.remove('one'), failing.hasFailed]).toEqual([false, true]);
});

test('a list that could not be loaded says so and keeps what was shown', async () => {
  let isDown = false;
  const mine = own({ list: () => (isDown ? refused('INTERNAL') : { ok: true, data: { passkeys: [passkey('one')] } }) });
  await mine.load();
  isDown = true;
  await mine.load();
  expect([mine.all.length, mine.hasFailed]).toEqual([1, true]);
});
