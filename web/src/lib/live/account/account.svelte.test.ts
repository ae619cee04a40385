import { describe, expect, test } from 'vitest';
import type { CurrentSession, User, VerifyCodeInput } from '#shared/account.ts';
import type { TakenOver } from '#shared/accounts/taken-over.ts';
import { aBooking } from '../fixtures.ts';
import { Account } from './account.svelte.ts';

const anna: User = {
  id: 'a'.repeat(24),
  name: 'Anna',
  email: 'anna@example.org',
  verified: false,
  hasPassword: true,
  locale: 'de',
  role: 'user',
  createdAt: '2026-01-01T00:00:00.000Z',
};

type Answer = { status: number; body?: unknown } | 'no network';

/** An account and a server that gives these answers; `sent` lists the requests. */
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

test('the user is undefined until the session is loaded', async () => {
  const { account: mine } = account(() => ({ status: 200, body: session(anna) }));
  expect(mine.user).toBeUndefined();
  await mine.load();
  expect(mine.user).toEqual(anna);
});

test('the page of a signed-out visitor loads /api/auth/session only, and its user is null', async () => {
  const { account: mine, sent } = account(() => ({ status: 200, body: session(null) }));
  await mine.load();
  expect(sent.map(({ path }) => path)).toEqual(['/api/auth/session']);
  expect([mine.user, mine.isUnreachable, mine.isRecognised, mine.sessionEndsAt]).toEqual([null, false, false, null]);
});

test('a user counts as recognised if the page loaded the session, not after a sign-in on the page', async () => {
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

test('a known user stays set without an answer, and is cleared without a session', async () => {
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

test('a registration sends the language of the page, and a refused one sets no user', async () => {
  const { account: mine, sent } = account(() => ({ status: 409, body: refusal('EMAIL_TAKEN') }));
  const reply = await mine.register({ name: 'Anna', email: anna.email, password: 'correct horse' });
  expect(reply).toMatchObject({ ok: false, error: { code: 'EMAIL_TAKEN' } });
  expect(sent[0]?.body).toMatchObject({ locale: 'de' });
  expect(mine.user).toBeUndefined();
});

test('the reason of an ended session is known until the next sign-in', async () => {
  const { account: mine } = account(() => ({ status: 200, body: session(anna) }));
  await mine.load();
  mine.ended('password_changed');
  expect(mine.user).toBeNull();
  expect(mine.endedBecause).toBe('password_changed');
  await mine.login({ email: anna.email, password: 'correct horse' });
  expect(mine.endedBecause).toBeNull();
});

test('a sign-out in this tab sets no reason for the ended session', async () => {
  const { account: mine } = account((path) => {
    if (path.endsWith('/session')) return { status: 200, body: session(anna) };
    // The server pushes `sessionEnded` before it answers the request.
    mine.ended('logged_out');
    return { status: 204 };
  });
  await mine.load();
  await mine.logout();
  expect(mine.user).toBeNull();
  expect(mine.endedBecause).toBeNull();
});

test('an unreachable server leaves the user undefined, a missing session sets it to null', async () => {
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

describe('a visitor who holds seats before signing in', () => {
  const visitor: User = { ...anna, id: 'b'.repeat(24), name: '', email: '', hasPassword: false, provisional: true };
  const held = aBooking({ status: 'held' });
  const tooMany: TakenOver['refused'][number] = {
    booking: held,
    error: { code: 'LIMIT_EXCEEDED', message: 'Too many.' },
  };

  test('is signed out, and has the id of the provisional account', async () => {
    const { account: mine, sent } = account(() => ({ status: 201, body: { user: visitor } }));
    await mine.openProvisional();
    expect(sent.map(({ path }) => path)).toEqual(['/api/auth/provisional']);
    expect([mine.user, mine.provisional, mine.buyerId]).toEqual([null, visitor, visitor.id]);
  });

  test('is so after a reload too, and is not recognised as a user', async () => {
    const { account: mine } = account(() => ({ status: 200, body: session(visitor) }));
    await mine.load();
    expect([mine.user, mine.buyerId, mine.isRecognised]).toEqual([null, visitor.id, false]);
  });

  test('has no account where the server opens none', async () => {
    const { account: mine } = account((path) =>
      path.endsWith('/session') ? { status: 200, body: session(null) } : { status: 409, body: refusal('CONFLICT') },
    );
    await mine.load();
    await mine.openProvisional();
    expect([mine.user, mine.provisional, mine.buyerId]).toEqual([null, null, null]);
  });

  test('becomes the signed-in user if another tab has signed in before the provisional account opens', async () => {
    const { account: mine } = account((path) =>
      path.endsWith('/session')
        ? { status: 200, body: session(anna) }
        : { status: 409, body: { error: { ...refusal('CONFLICT').error, details: { signedIn: true } } } },
    );
    await mine.openProvisional();
    expect([mine.user, mine.provisional]).toEqual([anna, null]);
  });

  test('loses the account without a word when its session ends', async () => {
    const { account: mine } = account(() => ({ status: 201, body: { user: visitor } }));
    await mine.openProvisional();
    mine.ended('expired');
    expect([mine.user, mine.buyerId, mine.endedBecause]).toEqual([null, null, null]);
  });

  test('stays known while the server does not answer', async () => {
    let answer: Answer = { status: 201, body: { user: visitor } };
    const { account: mine } = account(() => answer);
    await mine.openProvisional();
    answer = 'no network';
    await mine.load();
    await mine.openProvisional();
    expect([mine.buyerId, mine.provisional]).toEqual([visitor.id, visitor]);
  });

  test('reads after signing in what was taken over and what was not, until it is released or the user leaves', async () => {
    let answer: Answer = { status: 201, body: { user: visitor } };
    const { account: mine } = account(() => answer);
    await mine.openProvisional();
    answer = { status: 200, body: { user: anna, takenOver: { adopted: [held], refused: [tooMany] } } };
    await mine.enterCode({ email: anna.email, code: '123456' } as VerifyCodeInput);
    expect([mine.user, mine.provisional, mine.takenOver]).toEqual([
      anna,
      null,
      { adopted: [held], refused: [tooMany] },
    ]);
    mine.forgetRefused(held.id);
    expect(mine.takenOver).toEqual({ adopted: [held], refused: [] });
    answer = { status: 204 };
    await mine.logout();
    expect(mine.takenOver).toEqual({ adopted: [], refused: [] });
  });
});

test('a changed name is set on the user, a refused change is not', async () => {
  let answer: Answer = { status: 200, body: { user: { ...anna, name: 'Anna B.' } } };
  const { account: mine, sent } = account(() => answer);
  await mine.changeProfile({ name: 'Anna B.', locale: 'de' });
  expect(sent[0]).toEqual({ path: '/api/auth/me', body: { name: 'Anna B.', locale: 'de' } });
  answer = { status: 400, body: refusal('INVALID_INPUT') };
  expect(await mine.changeProfile({ name: '' })).toMatchObject({ ok: false });
  expect(mine.user?.name).toBe('Anna B.');
});

test('a deleted account has no user, a refused deletion keeps the user', async () => {
  let answer: Answer = { status: 200, body: session(anna) };
  const { account: mine } = account(() => answer);
  await mine.load();
  answer = { status: 409, body: refusal('INVALID_STATE') };
  expect(await mine.remove({ password: 'correct horse' })).toMatchObject({
    ok: false,
    error: { code: 'INVALID_STATE' },
  });
  expect(mine.user).toEqual(anna);
  answer = { status: 204 };
  await mine.remove({ password: 'correct horse' });
  expect(mine.user).toBeNull();
});

test('a code signs in, and a first password is known to the user at once', async () => {
  const coded = { ...anna, verified: true, hasPassword: false };
  let answer: Answer = { status: 401, body: refusal('UNAUTHENTICATED') };
  const { account: mine, sent } = account(() => answer);
  const input = { email: anna.email, code: '123456' };
  expect(await mine.enterCode(input)).toMatchObject({ ok: false, error: { code: 'UNAUTHENTICATED' } });
  expect(mine.user).toBeUndefined();
  answer = { status: 200, body: { user: coded, token: 't', created: false } };
  expect((await mine.enterCode({ ...input, name: 'Anna' })).ok).toBe(true);
  expect(sent[1]).toEqual({ path: '/api/auth/code/verify', body: { ...input, name: 'Anna' } });
  answer = { status: 403, body: refusal('FORBIDDEN') };
  await mine.changePassword({ next: 'battery staple' });
  expect(mine.user).toEqual(coded);
  answer = { status: 204 };
  await mine.changePassword({ next: 'battery staple' });
  expect(mine.user?.hasPassword).toBe(true);
});
