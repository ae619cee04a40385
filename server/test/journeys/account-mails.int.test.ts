import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { mailbox } from '../support/mailbox.ts';
import { connected, pushed, refusalOf, testApp, type TestApp } from '../support/test-app.ts';

const MAIL = { MAIL_FROM: 'Frontrow <tickets@example.org>', PUBLIC_URL: 'https://tickets.example.org' };

function tokenIn(text: string): string {
  const token = /\?token=([\w-]{43})\b/.exec(text)?.[1];
  if (!token) throw new Error(`There is no link in ${text}`);
  return token;
}

async function resetMail(app: TestApp, box: Awaited<ReturnType<typeof mailbox>>, email: string) {
  const before = box.received.length;
  expect((await app.post('/api/auth/forgot', { email })).status).toBe(204);
  await expect.poll(() => box.received.slice(before).some(isReset), { timeout: 20_000 }).toBe(true);
  const mail = box.received.slice(before).find(isReset);
  return mail as NonNullable<typeof mail>;
}

const isReset = ({ text }: { text: string }) => text.includes('/reset?token=');

describe('the mail after a registration', () => {
  it('verifies the address by its link, once', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url, CONTACT_EMAIL: 'hello@example.org' } });
    const alice = await app.register('alice');
    const [mail] = await box.mailsTo(alice.user.email);
    expect(mail?.header('subject')).toBe('Confirm your email address');
    expect(mail?.header('from')).toBe('Frontrow <tickets@example.org>');
    expect(mail?.header('message-id')).toMatch(/^<[0-9a-f]{32}@tickets\.example\.org>$/);
    expect(mail?.text).toContain('https://tickets.example.org/verify?token=');
    expect(mail?.text).toContain('Write to hello@example.org');
    const token = tokenIn(mail?.text ?? '');
    expect(mail?.html).toContain(`href="https://tickets.example.org/verify?token=${token}"`);
    expect((await app.post('/api/auth/verify', { token })).status).toBe(204);
    const me = await app.get('/api/auth/me', { authorization: `Bearer ${alice.token}` });
    expect(await me.json()).toMatchObject({ user: { verified: true } });
    const again = await app.post('/api/auth/verify', { token });
    expect(again.status).toBe(404);
    expect(await refusalOf(again)).toMatchObject({ code: 'NOT_FOUND', details: { verified: true } });
    const madeUp = await app.post('/api/auth/verify', { token: token.toUpperCase() });
    expect(await refusalOf(madeUp)).not.toHaveProperty('details');
  });

  it('is sent again on request, at most three times in a quarter of an hour, until the address is verified', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url, RATE_LIMITS: 'on' } });
    const alice = await app.register('alice');
    const send = () => app.post('/api/auth/verify/send', {}, { authorization: `Bearer ${alice.token}` });
    expect((await app.post('/api/auth/verify/send', {})).status).toBe(401);
    for (let times = 0; times < 3; times += 1) expect((await send()).status).toBe(204);
    expect(await refusalOf(await send())).toMatchObject({ code: 'RATE_LIMITED' });
    await expect.poll(async () => (await box.mailsTo(alice.user.email)).length, { timeout: 20_000 }).toBe(4);
    const tokens = (await box.mailsTo(alice.user.email)).map(({ text }) => tokenIn(text));
    expect(new Set(tokens).size).toBe(4);
    expect((await app.post('/api/auth/verify', { token: tokens[0] })).status).toBe(204);
    expect(await refusalOf(await send())).toMatchObject({ code: 'INVALID_STATE', details: { verified: true } });
  });

  it('is in the language of the browser, and takes no header or markup from a name', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url } });
    const email = `${randomUUID()}@example.org`;
    const name = '<b>Zoë</b> "Bcc: x@example.org';
    const body = { name, email, password: 'correct horse' };
    const reply = await app.post('/api/auth/register', body, { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' });
    expect(reply.status).toBe(201);
    const [mail] = await box.mailsTo(email);
    expect(mail?.header('subject')).toBe('Bestätigen Sie Ihre E-Mail-Adresse');
    expect(mail?.text).toContain('https://tickets.example.org/de/verify?token=');
    expect(mail?.html).toContain('&lt;b&gt;Zoë&lt;/b&gt;');
    expect(mail?.html).not.toContain('<b>');
    expect(mail?.header('bcc')).toBe('');
    expect(mail?.to).toEqual([email]);
    const sly = await app.post('/api/auth/register', {
      ...body,
      email: 'a@example.org',
      name: 'A\r\nBcc: b@example.org',
    });
    expect(await refusalOf(sly)).toMatchObject({ status: 400, code: 'INVALID_INPUT' });
  });
});

describe('the reset of a forgotten password', () => {
  it('works once by its link, and ends every session and every other link', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url } });
    const alice = await app.register('alice');
    const [first, second] = [
      await resetMail(app, box, alice.user.email),
      await resetMail(app, box, alice.user.email.toUpperCase()),
    ];
    const ended = pushed(alice.socket, 'sessionEnded');
    const token = tokenIn(first.text);
    expect((await app.post('/api/auth/reset', { token, next: 'battery staple' })).status).toBe(204);
    expect(await ended).toEqual({ reason: 'password_changed' });
    for (const used of [token, tokenIn(second.text)]) {
      const again = await app.post('/api/auth/reset', { token: used, next: 'another password' });
      expect(await refusalOf(again)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
    const login = async (password: string) =>
      (await app.post('/api/auth/login', { email: alice.user.email, password })).status;
    expect([await login('correct horse'), await login('battery staple')]).toEqual([401, 200]);
    const stored = await app.app.models.users.findById(alice.user.id).lean();
    expect(stored?.verified).toBe(true);
  });

  it('answers 204 for an unknown address, and sends no mail', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url } });
    const response = await app.post('/api/auth/forgot', { email: 'nobody@example.org' });
    expect([response.status, await response.text()]).toEqual([204, '']);
    const orders = () => app.app.models.jobs.find({ key: /^reset:/ }).lean();
    await expect.poll(async () => (await orders()).map(({ state }) => state), { timeout: 20_000 }).toEqual(['done']);
    expect(box.tried).toEqual([]);
    expect(JSON.stringify(await orders())).not.toContain('nobody@example.org');
    expect(await refusalOf(await app.post('/api/auth/forgot', { email: 'no address' }))).toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(await refusalOf(await app.post('/api/auth/forgot', { email: { $ne: null } }))).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('sends at most three mails to one address in a quarter of an hour, with the same answer', async (t) => {
    const app = await testApp(t, { env: MAIL });
    const alice = await app.register('alice');
    for (let asked = 0; asked < 6; asked += 1) {
      expect((await app.post('/api/auth/forgot', { email: alice.user.email })).status).toBe(204);
    }
    expect(await app.app.models.jobs.countDocuments({ key: /^reset:/ })).toBe(3);
  });

  it('stores tokens as hashes only', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url } });
    const alice = await app.register('alice');
    const token = tokenIn((await resetMail(app, box, alice.user.email)).text);
    const everything = JSON.stringify(
      await Promise.all([app.app.models.accountLinks.find().lean(), app.app.models.jobs.find().lean()]),
    );
    expect(everything).not.toContain(token);
    expect(everything).toContain(createHash('sha256').update(token).digest('base64url'));
  });

  it('refuses a link that is older than an hour, forged, or of another kind', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url } });
    const alice = await app.register('alice');
    const verify = tokenIn((await box.mail(alice.user.email, /Confirm/)).text);
    const token = tokenIn((await resetMail(app, box, alice.user.email)).text);
    app.clock.offsetMs = 3_600_001;
    for (const wrong of [token, verify, 'x'.repeat(43), 'short', '{"$ne":null}']) {
      const reply = await app.post('/api/auth/reset', { token: wrong, next: 'battery staple' });
      expect(await refusalOf(reply)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
    for (const odd of [
      { token: { $ne: null }, next: 'battery staple' },
      { token: verify, next: 'short' },
      { token: verify },
    ]) {
      expect(await refusalOf(await app.post('/api/auth/reset', odd))).toMatchObject({ code: 'INVALID_INPUT' });
    }
    const login = await app.post('/api/auth/login', { email: alice.user.email, password: 'correct horse' });
    expect(login.status).toBe(200);
  });

  it('refuses wrong tokens of a network after thirty, but not the right one', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url } });
    const alice = await app.register('alice');
    const token = tokenIn((await resetMail(app, box, alice.user.email)).text);
    for (let guess = 0; guess < 30; guess += 1) {
      await app.post(guess % 2 ? '/api/auth/verify' : '/api/auth/reset', {
        token: `guess-${guess}`,
        ...(guess % 2 ? {} : { next: 'battery staple' }),
      });
    }
    for (const limited of [
      await app.post('/api/auth/reset', { token: 'guess', next: 'battery staple' }),
      await app.post('/api/auth/verify', { token: 'guess' }),
    ]) {
      expect(await refusalOf(limited)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await app.post('/api/auth/reset', { token, next: 'battery staple' })).status).toBe(204);
  });

  it('lets one of two simultaneous uses of a link win, and only that password works', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url } });
    const alice = await app.register('alice');
    const token = tokenIn((await resetMail(app, box, alice.user.email)).text);
    const passwords = Array.from({ length: 4 }, (_, index) => `battery staple ${index}`);
    const statuses = await Promise.all(
      passwords.map(async (next) => (await app.post('/api/auth/reset', { token, next })).status),
    );
    expect([...statuses].sort()).toEqual([204, 404, 404, 404]);
    const logins = await Promise.all(
      passwords.map(
        async (password) => (await app.post('/api/auth/login', { email: alice.user.email, password })).status,
      ),
    );
    expect(logins).toEqual(statuses.map((status) => (status === 204 ? 200 : 401)));
  });

  it('is refused for earlier links once the password is changed another way', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url } });
    const alice = await app.register('alice');
    const token = tokenIn((await resetMail(app, box, alice.user.email)).text);
    const change = { current: 'correct horse', next: 'battery staple' };
    const changed = await app.post('/api/auth/password', change, { authorization: `Bearer ${alice.token}` });
    expect(changed.status).toBe(204);
    expect(await refusalOf(await app.post('/api/auth/reset', { token, next: 'mine now 123' }))).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('a server without mail settings', () => {
  it('logs the link in readable form', async (t) => {
    const lines: string[] = [];
    const app = await testApp(t, { log: { write: (line) => void lines.push(line) } });
    const alice = await app.register('alice');
    await app.post('/api/auth/forgot', { email: alice.user.email });
    const link = () =>
      lines
        .map((line) => /"links":\["(http:\/\/localhost:\d+\/reset\?token=[\w-]{43})"\]/.exec(line)?.[1])
        .find(Boolean);
    await expect.poll(link, { timeout: 20_000 }).toBeDefined();
    const token = tokenIn(link() ?? '');
    expect((await app.post('/api/auth/reset', { token, next: 'battery staple' })).status).toBe(204);
    const socket = app.open('/booking', alice.token);
    await expect(connected(socket)).rejects.toMatchObject({ message: 'UNAUTHENTICATED' });
  });
});
