import { expect, test } from 'vitest';
import type { User, VerifyCodeInput } from '#shared/account.ts';
import type { Reply } from '../connection/connection.svelte.ts';
import { CodeEntry } from './code-entry.svelte.ts';

const refused = (code: 'INVALID_INPUT' | 'UNAUTHENTICATED', field?: string): Reply<never> => ({
  ok: false,
  error: { code, message: '', ...(field && { issues: [{ path: [field], code: 'invalid_type', message: '' }] }) },
});

function entry(answer: () => Reply<unknown> = () => ({ ok: true, data: null })) {
  const [asked, entered] = [[] as string[], [] as VerifyCodeInput[]];
  let nowMs = 1_000_000;
  const mine = new CodeEntry({
    account: {
      enterCode: async (input) => {
        entered.push(input);
        return answer() as Reply<User>;
      },
    },
    request: async (email) => {
      asked.push(email);
      return answer();
    },
    nowMs: () => nowMs,
  });
  return { mine, asked, entered, pass: (ms: number) => (nowMs += ms), now: () => nowMs };
}

test('the code is asked for once it was sent, and again after a minute, five times at most', async () => {
  const { mine, asked, pass, now } = entry();
  mine.email = 'mia@example.org';
  expect([mine.step, mine.waitMs(now())]).toEqual(['address', 0]);
  for (let sent = 1; sent <= 5; sent += 1) {
    expect(mine.isExhausted).toBe(false);
    mine.code = '12';
    await mine.send();
    expect([mine.step, mine.code, mine.waitMs(now())]).toEqual(['code', '', 60_000]);
    pass(59_000);
    expect(mine.waitMs(now())).toBe(1_000);
    pass(1_000);
    expect(mine.waitMs(now())).toBe(0);
  }
  expect([asked.length, mine.isExhausted]).toEqual([5, true]);
});

test('an address that is refused is asked for again', async () => {
  const { mine } = entry(() => refused('INVALID_INPUT', 'email'));
  await mine.send();
  expect(mine.step).toBe('address');
});

test('the code is taken without what was pasted around it, and sent without a name', async () => {
  const { mine, entered } = entry();
  mine.email = 'mia@example.org';
  await mine.send();
  mine.code = '12';
  expect(mine.isWhole).toBe(false);
  mine.code = 'Your code: 123-456';
  expect([mine.code, mine.isWhole]).toEqual(['123456', true]);
  await mine.enter();
  expect(entered).toEqual([{ email: 'mia@example.org', code: '123456' }]);
});

test('a name is asked for where the account is new, with the code that was entered', async () => {
  const { mine, entered } = entry();
  mine.email = 'mia@example.org';
  await mine.send();
  mine.code = '123456';
  const wrong = refused('UNAUTHENTICATED');
  expect([mine.needsName(!wrong.ok ? wrong.error : never()), mine.step]).toEqual([false, 'code']);
  const nameless = refused('INVALID_INPUT', 'name');
  expect([mine.needsName(!nameless.ok ? nameless.error : never()), mine.step]).toEqual([true, 'name']);
  mine.name = 'Mia';
  await mine.enter();
  expect(entered).toEqual([{ email: 'mia@example.org', code: '123456', name: 'Mia' }]);
  // A name that is too long is an error of its field.
  expect(mine.needsName(!nameless.ok ? nameless.error : never())).toBe(false);
});

test('another address begins anew, without the wait of the one before', async () => {
  const { mine, now } = entry();
  mine.email = 'mia@example.org';
  await mine.send();
  mine.code = '123456';
  mine.restart();
  expect([mine.step, mine.code, mine.email, mine.waitMs(now())]).toEqual(['address', '', 'mia@example.org', 0]);
});

test('a form that the browser sent by itself goes on where it was', () => {
  const sent = {
    values: { email: 'mia@example.org', code: '123456' },
    missing: [],
    failure: null,
    step: 'name' as const,
  };
  const mine = new CodeEntry({
    account: { enterCode: () => Promise.reject(new Error('not asked')) },
    request: () => Promise.reject(new Error('not asked')),
    nowMs: () => 0,
    sent,
  });
  expect([mine.step, mine.email, mine.code]).toEqual(['name', 'mia@example.org', '123456']);
});

function never(): never {
  throw new Error('The reply is a refusal');
}
