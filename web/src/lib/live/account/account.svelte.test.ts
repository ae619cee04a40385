import { expect, test } from 'vitest';
import type { CurrentSession, User } from '#shared/account.ts';
import { Account } from './account.svelte.ts';

const anna: User = {
  id: 'a'.repeat(24),
  name: 'Anna',
  email: 'anna@example.org',
  verified: false,
  locale: 'de',
  role: 'user',
  createdAt: '2026-01-01T00:00:00.000Z',
};

type Answer = { status: number; body?: unknown } | 'no network';

/** An account whose server answers as given; what was sent is kept. */
function account(answer: (path: string) => Answer) {
  const sent: { path: string; body: unknown }[] = [];
  const fetch = async (path: string, init?: RequestInit) => {
    sent.push({ path, body: init?.body === undefined ? undefined : JSON.parse(String(init.body)) });
    const given = answer(path);
    if (given === 'no network') throw new TypeError('fetch failed');
    return new Response(given.status === 204 ? null : JSON.stringify(given.body), { status: given.status });
  };
  return { sent, account: new Account(fetch as typeof globalThis.fetch, () => 'de') };
}

const session = (user: User | null): CurrentSession => ({
  user,
  expiresAt: user && '2026-10-14T12:00:00.000Z',
});
const refusal = (code: string) => ({ error: { code, message: code } });

test('nobody is known before the server was asked, then who is signed in', async () => {
  const { account: mine } = account(() => ({ status: 200, body: session(anna) }));
  expect(mine.user).toBeUndefined();
  await mine.load();
  expect(mine.user).toEqual(anna);
});

test('a guest’s page asks at the address that refuses nobody, and learns that nobody is signed in', async () => {
  const { account: mine, sent } = account(() => ({ status: 200, body: session(null) }));
  await mine.load();
  expect(sent.map(({ path }) => path)).toEqual(['/api/auth/session']);
  expect([mine.user, mine.isUnreachable, mine.isRecognised, mine.sessionEndsAt]).toEqual([null, false, false, null]);
});

test('a person is recognised where the page found them signed in, not where they signed in on it', async () => {
  let answer: Answer = { status: 200, body: session(anna) };
  const { account: mine } = account(() => answer);
  expect(mine.isRecognised).toBe(false);
  await mine.load();
  expect(mine.isRecognised).toBe(true);
  answer = { status: 204 };
  await mine.logout();
  answer = { status: 200, body: { user: anna } };
  await mine.login({ email: anna.email, password: 'correct horse' });
  expect(mine.isRecognised).toBe(false);
});

test('without a session nobody is signed in; without a network a known account stays', async () => {
  let answer: Answer = { status: 200, body: session(anna) };
  const { account: mine } = account(() => answer);
  await mine.load();
  answer = 'no network';
  await mine.load();
  expect(mine.user).toEqual(anna);
  answer = { status: 200, body: session(null) };
  await mine.load();
  expect(mine.user).toBeNull();
});

test('a registration carries the language of the page, and a refusal leaves everything as it was', async () => {
  const { account: mine, sent } = account(() => ({ status: 409, body: refusal('EMAIL_TAKEN') }));
  const reply = await mine.register({ name: 'Anna', email: anna.email, password: 'correct horse' });
  expect(reply).toMatchObject({ ok: false, error: { code: 'EMAIL_TAKEN' } });
  expect(sent[0]?.body).toMatchObject({ locale: 'de' });
  expect(mine.user).toBeUndefined();
});

test('an ended session is explained, until someone signs in again', async () => {
  const { account: mine } = account(() => ({ status: 200, body: session(anna) }));
  await mine.load();
  mine.ended('password_changed');
  expect(mine.user).toBeNull();
  expect(mine.endedBecause).toBe('password_changed');
  await mine.login({ email: anna.email, password: 'correct horse' });
  expect(mine.endedBecause).toBeNull();
});

test('one’s own signing out is no news', async () => {
  const { account: mine } = account((path) => {
    if (path.endsWith('/session')) return { status: 200, body: session(anna) };
    // The server tells the open connection before it answers.
    mine.ended('logged_out');
    return { status: 204 };
  });
  await mine.load();
  await mine.logout();
  expect(mine.user).toBeNull();
  expect(mine.endedBecause).toBeNull();
});

test('a server that cannot be reached is not the same as nobody being signed in', async () => {
  let answer: Answer = 'no network';
  const { account: mine } = account(() => answer);
  await mine.load();
  expect([mine.user, mine.isUnreachable]).toEqual([undefined, true]);
  answer = { status: 503, body: refusal('UNAVAILABLE') };
  await mine.load();
  expect([mine.user, mine.isUnreachable]).toEqual([undefined, true]);
  answer = { status: 200, body: session(null) };
  await mine.load();
  expect([mine.user, mine.isUnreachable]).toEqual([null, false]);
});

test('a changed name is the one shown, and a refused change is not', async () => {
  let answer: Answer = { status: 200, body: { user: { ...anna, name: 'Anna B.' } } };
  const { account: mine, sent } = account(() => answer);
  await mine.changeProfile({ name: 'Anna B.', locale: 'de' });
  expect(sent[0]).toEqual({ path: '/api/auth/me', body: { name: 'Anna B.', locale: 'de' } });
  answer = { status: 400, body: refusal('INVALID_INPUT') };
  expect(await mine.changeProfile({ name: '' })).toMatchObject({ ok: false });
  expect(mine.user?.name).toBe('Anna B.');
});

test('a deleted account is nobody’s any more, a refused deletion changes nothing', async () => {
  let answer: Answer = { status: 200, body: session(anna) };
  const { account: mine } = account(() => answer);
  await mine.load();
  answer = { status: 409, body: refusal('INVALID_STATE') };
  expect(await mine.remove('correct horse')).toMatchObject({ ok: false, error: { code: 'INVALID_STATE' } });
  expect(mine.user).toEqual(anna);
  answer = { status: 204 };
  await mine.remove('correct horse');
  expect(mine.user).toBeNull();
});
