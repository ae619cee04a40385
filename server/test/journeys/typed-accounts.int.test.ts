import { expect, it } from 'vitest';
import type { User } from '#shared/account.ts';
import { mailbox } from '../support/mailbox.ts';
import { book, commandsOf, connected, eventInput, testApp, type TestApp } from '../support/test-app.ts';

const PASSWORD = 'Crème brûlée';
/** One address, as people, browsers and mail programs write it. */
const ADDRESSES = ['info@пример.рф', 'INFO@ПРИМЕР.РФ', 'info@xn--e1afmkfd.xn--p1ai'];

async function register(app: TestApp, email: string, password = PASSWORD) {
  return app.post('/api/auth/register', { name: 'Анна', email, password });
}

const codeOf = async (reply: Response) => ((await reply.json()) as { error: { code: string } }).error.code;

it('an account with an international address is one account, however the address is typed', async (t) => {
  const app = await testApp(t);
  const created = await register(app, 'Info@пример.рф');
  expect(created.status).toBe(201);
  expect(((await created.json()) as { user: User }).user.email).toBe('info@пример.рф');
  for (const email of ADDRESSES) {
    expect(await codeOf(await register(app, email)), email).toBe('EMAIL_TAKEN');
    expect((await app.post('/api/auth/login', { email, password: PASSWORD })).status, email).toBe(200);
    expect((await app.post('/api/auth/forgot', { email })).status, email).toBe(204);
  }
  const admin = await app.admin();
  for (const email of ADDRESSES)
    expect(await admin.must('setRole', { email, role: 'user' })).toMatchObject({ email: 'info@пример.рф' });
  expect(await app.app.models.users.countDocuments({ name: 'Анна' })).toBe(1);
  expect(await codeOf(await register(app, 'анна@example.org'))).toBe('INVALID_INPUT');
});

it('mails for an international address go to its punycode', async (t) => {
  const box = await mailbox(t);
  const app = await testApp(t, { env: { SMTP_URL: box.url, MAIL_FROM: 'tickets@example.org' } });
  await register(app, 'info@пример.рф');
  // The mail server of the tests shows recipients in their own letters; the mail has what was sent.
  const [mail] = await box.mailsTo('info@пример.рф');
  expect(mail?.header('to')).toContain('<info@xn--e1afmkfd.xn--p1ai>');
  expect(mail?.raw).not.toContain('пример');
});

it('organisers find an attendee by an international address, and read it in its own letters', async (t) => {
  const app = await testApp(t);
  const admin = await app.admin();
  await register(app, 'info@пример.рф');
  const { token } = (await (
    await app.post('/api/auth/login', { email: 'info@пример.рф', password: PASSWORD })
  ).json()) as { token: string };
  const { id: eventId } = await admin.must('createEvent', eventInput());
  await book(commandsOf(await connected(app.open('/booking', token))), eventId, 1);
  for (const query of ['info@пример.рф', 'пример.рф', 'INFO@Пример.РФ', 'xn--e1afmkfd']) {
    const { bookings } = await admin.must('listEventBookings', { eventId, query });
    expect(
      bookings.map(({ attendee }) => attendee.email),
      query,
    ).toEqual(['info@пример.рф']);
  }
});

it('an admin of the settings is found by the address in every form', async (t) => {
  const app = await testApp(t, { env: { ADMIN_EMAIL: 'Chef@Пример.рф', ADMIN_PASSWORD: PASSWORD } });
  const password = PASSWORD.normalize('NFD');
  const reply = await app.post('/api/auth/login', { email: 'chef@xn--e1afmkfd.xn--p1ai', password });
  expect(await reply.json()).toMatchObject({ user: { role: 'admin', email: 'chef@пример.рф' } });
});

it('a password is one password in all forms that keyboards send, in every input that takes one', async (t) => {
  const app = await testApp(t);
  const [nfc, nfd] = [PASSWORD.normalize('NFC'), PASSWORD.normalize('NFD')];
  const email = 'anna@example.org';
  await register(app, email, nfd);
  const reply = await app.post('/api/auth/login', { email, password: nfc });
  expect(reply.status).toBe(200);
  const { token } = (await reply.json()) as { token: string };
  const bearer = { authorization: `Bearer ${token}` };
  const next = 'Ｇrüße aus Łódź';
  expect((await app.post('/api/auth/password', { current: nfd, next }, bearer)).status).toBe(204);
  expect((await app.post('/api/auth/login', { email, password: next.normalize('NFKC') })).status).toBe(200);
  for (const short of ['e\u0301'.repeat(7), 'ﬃﬃﬃ'])
    expect(await codeOf(await register(app, 'bob@example.org', short)), short).toBe('INVALID_INPUT');
  const closing = await fetch(`${app.url}/api/auth/me`, {
    method: 'DELETE',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: JSON.stringify({ password: next.normalize('NFD') }),
  });
  expect(closing.status).toBe(204);
});
