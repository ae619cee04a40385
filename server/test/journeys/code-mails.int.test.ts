import { describe, expect, it } from 'vitest';
import type { User } from '#shared/account.ts';
import { mailbox } from '../support/mailbox.ts';
import { mailLog } from '../support/mail-log.ts';
import type { TestApp } from '../support/test-app.ts';
import { testApp } from '../support/test-app.ts';

const ADDRESS = 'mia@example.org';
const MAIL = { MAIL_FROM: 'Frontrow <tickets@example.org>', PUBLIC_URL: 'https://tickets.example.org' };

const verify = (app: TestApp, code: string, name = 'Mia') =>
  app.post('/api/auth/code/verify', { email: ADDRESS, code, name });

const codeIn = (text: string) => /^\d{6}$/m.exec(text)?.[0] ?? expect.fail(`There is no code in ${text}`);

describe('the mail with a code', () => {
  it('has it in its subject, on a line of its own and in its HTML, and greets an unknown address without a name', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url } });
    expect((await app.post('/api/auth/code', { email: ADDRESS })).status).toBe(204);
    const [mail] = await box.mailsTo(ADDRESS);
    const code = codeIn(mail?.text ?? '');
    expect(mail?.header('subject')).toBe(`Your code: ${code}`);
    expect(mail?.text).toMatch(/^Hello,\n/);
    expect(mail?.html).toContain(`>${code}</p>`);
    expect((await verify(app, code, 'Mia & Co')).status).toBe(200);
    app.clock.pass(61_000);
    await app.post('/api/auth/code', { email: ADDRESS });
    const mails = await box.mailsTo(ADDRESS, 2);
    expect(mails[1]?.text).toMatch(/^Hello Mia & Co,\n/);
  });

  it('is in the language of the request, else of the browser, else of the account', async (t) => {
    const box = await mailbox(t);
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url, RATE_LIMITS: 'off' } });
    const ask = (more: object, headers = {}) => app.post('/api/auth/code', { email: ADDRESS, ...more }, headers);
    const german = { 'accept-language': 'fr, de-AT;q=0.8, en;q=0.5' };
    await ask({ locale: 'en' }, german);
    await ask({}, german);
    await ask({});
    const subjects = async (count: number) =>
      (await box.mailsTo(ADDRESS, count)).map((mail) => mail.header('subject').replace(/\d+/, '…'));
    // A newer request replaces those before it, whose mails may not have been sent yet.
    await expect.poll(async () => (await subjects(1)).at(-1), { timeout: 20_000 }).toBe('Your code: …');
    await box.mailsTo(ADDRESS);
    const before = box.received.length;
    await ask({ locale: 'de' });
    await expect.poll(() => box.received.length, { timeout: 20_000 }).toBe(before + 1);
    const mail = box.received.at(-1);
    expect(mail?.header('subject')).toMatch(/^Ihr Code: \d{6}$/);
    expect(mail?.text).toContain('Guten Tag,');
    const reply = await verify(app, codeIn(mail?.text ?? ''));
    expect(((await reply.json()) as { user: User }).user.locale).toBe('de');
    // The account's own language, as neither the request nor the browser names one.
    await ask({}, { 'accept-language': 'fr' });
    await expect.poll(() => box.received.length, { timeout: 20_000 }).toBe(before + 2);
    expect(box.received.at(-1)?.header('subject')).toMatch(/^Ihr Code: /);
    await ask({}, { 'accept-language': 'en' });
    await expect.poll(() => box.received.length, { timeout: 20_000 }).toBe(before + 3);
    expect(box.received.at(-1)?.header('subject')).toMatch(/^Your code: /);
  });

  it('waits for a mail server that is down, with the same code, and gives up on one that was replaced or has expired', async (t) => {
    const state = { isDown: true };
    const box = await mailbox(t, { refuse: () => (state.isDown ? '451 Try again later' : null) });
    const app = await testApp(t, { env: { ...MAIL, SMTP_URL: box.url } });
    const tries = () => {
      app.clock.pass(1_000);
      return box.tried.length;
    };
    expect((await app.post('/api/auth/code', { email: ADDRESS })).status).toBe(204);
    await expect.poll(tries, { timeout: 20_000 }).toBeGreaterThan(1);
    app.clock.pass(61_000);
    // A second request replaces the first, whose mail is never sent.
    expect((await app.post('/api/auth/code', { email: ADDRESS })).status).toBe(204);
    state.isDown = false;
    box.whileWaiting(() => app.clock.pass(1_000));
    const [mail] = await box.mailsTo(ADDRESS);
    const open = () => {
      app.clock.pass(5_000);
      return app.app.models.jobs.countDocuments({ state: { $ne: 'done' } });
    };
    await expect.poll(open, { timeout: 20_000 }).toBe(0);
    expect(box.received).toHaveLength(1);
    state.isDown = true;
    const tried = box.tried.length;
    app.clock.pass(61_000);
    await app.post('/api/auth/code', { email: 'late@example.org' });
    await expect.poll(() => box.tried.length, { timeout: 20_000 }).toBeGreaterThan(tried);
    app.clock.pass(10 * 60_000);
    state.isDown = false;
    await expect.poll(open, { timeout: 20_000 }).toBe(0);
    expect(box.received).toHaveLength(1);
    expect(mail?.to).toEqual([ADDRESS]);
  });

  it('is a mail in the log without a mail server, but in production nothing of it is', async (t) => {
    const mails = mailLog();
    const app = await testApp(t, { log: mails.log });
    await app.post('/api/auth/code', { email: ADDRESS });
    expect((await verify(app, await mails.codeTo(ADDRESS))).status).toBe(200);
    const lines: string[] = [];
    const env = { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(40), PAYMENTS: 'demo', LOG_LEVEL: 'debug' };
    const production = await testApp(t, { env, log: { write: (line) => void lines.push(line) } });
    expect((await production.post('/api/auth/code', { email: ADDRESS })).status).toBe(204);
    const { jobs } = production.app.models;
    await expect.poll(async () => (await jobs.find().lean()).map(({ state }) => state)).toEqual(['done']);
    const log = lines.join('\n');
    expect(log).toContain('a mail was not sent');
    expect(log).not.toContain(ADDRESS);
    expect(log).not.toMatch(/(?<![\w-])\d{6}(?![\w-])/);
  });
});
