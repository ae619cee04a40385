import { expect, it } from 'vitest';
import type { MailboxOptions } from '../../test/support/mailbox.ts';
import { mailbox } from '../../test/support/mailbox.ts';
import type { Person } from '../../test/support/test-app.ts';
import { book, eventInput, testApp } from '../../test/support/test-app.ts';
import { noteNotice } from './unused-accounts.ts';

const DAY_MS = 86_400_000;
const NEVER = new AbortController().signal;

/** A server that closes accounts after two years without a use, and mails that announce it. */
async function setting(t: Parameters<typeof testApp>[0], options: MailboxOptions = {}) {
  const box = await mailbox(t, options);
  const env = { SMTP_URL: box.url, MAIL_FROM: 'box@example.org', CLOSE_UNUSED_ACCOUNTS_YEARS: '2', RATE_LIMITS: 'off' };
  const app = await testApp(t, { env });
  box.whileWaiting(app.clock.hurry);
  const { users } = app.app.models;
  return {
    app,
    box,
    users,
    sweep: () => app.app.unusedAccounts.sweep(NEVER),
    /** Sets when the accounts were last used. */
    async lastUsed(days: number, ...people: Person[]): Promise<void> {
      const lastUsedAt = new Date(app.clock.now().getTime() - days * DAY_MS);
      await users.updateMany({ _id: { $in: people.map(({ user }) => user.id) } }, { $set: { lastUsedAt } });
    },
    /** Waits until the mail has announced the closing to these people. */
    async announced(...people: Person[]): Promise<void> {
      for (const { user } of people) await box.mail(user.email, /^Your account will be deleted$/);
      const noticed = { _id: { $in: people.map(({ user }) => user.id) }, unusedNoticeAt: { $exists: true } };
      await expect.poll(() => users.countDocuments(noticed), { timeout: 20_000 }).toBe(people.length);
    },
    left: async (...people: Person[]) =>
      Promise.all(people.map(async ({ user }) => (await users.exists({ _id: user.id })) !== null)),
  };
}

function signIn(app: Awaited<ReturnType<typeof setting>>['app'], { user }: Person): Promise<Response> {
  return app.post('/api/auth/login', { email: user.email, password: 'correct horse' });
}

it('an account that is not used for years is closed a month after a mail, unless its owner signs in or has tickets', async (t) => {
  const { app, box, sweep, lastUsed, announced, left } = await setting(t);
  const admin = await app.admin();
  const [gone, back, ticket, used] = [
    await app.register('gone'),
    await app.register('back'),
    await app.register('ticket'),
    await app.register('used'),
  ];
  const startsAt = new Date(app.clock.now().getTime() + 90 * DAY_MS).toISOString();
  const { id: eventId } = await admin.must('createEvent', eventInput({ startsAt }));
  const { code } = await book(ticket, eventId);
  await lastUsed(800, gone, back, ticket, admin);
  await lastUsed(600, used);

  await sweep();
  await sweep();
  await announced(gone, back, ticket);
  const [mail] = (await box.mailsTo(gone.user.email)).filter((one) => one.text.includes('/login'));
  expect(mail?.text).toContain('Signing in keeps it.');
  expect(box.subjectsTo(gone.user.email).filter((subject) => subject.includes('deleted'))).toHaveLength(1);
  expect(box.subjectsTo(used.user.email).filter((subject) => subject.includes('deleted'))).toEqual([]);
  await sweep();
  expect(await left(gone, back, ticket, used, admin)).toEqual([true, true, true, true, true]);

  expect((await signIn(app, back)).status).toBe(200);
  app.clock.pass(31 * DAY_MS);
  await sweep();
  expect(await left(gone, back, ticket, used, admin)).toEqual([false, true, true, true, true]);
  expect((await signIn(app, gone)).status).toBe(401);
  expect(await app.app.models.bookings.countDocuments({ code, status: 'confirmed' })).toBe(1);
});

it('an account is not closed before its mail was sent, and counts as used if its use was never noted', async (t) => {
  let isDown = true;
  const refuse = () => (isDown ? '451 Try again later' : null);
  const { app, box, users, sweep, lastUsed, announced, left } = await setting(t, { refuse });
  const [alice, unnoted] = [await app.register('alice'), await app.register('unnoted')];
  await lastUsed(800, alice);
  await users.updateOne({ _id: unnoted.user.id }, { $unset: { lastUsedAt: 1 } });
  const tried = box.tried.length;
  await sweep();
  await expect.poll(() => box.tried.length, { timeout: 20_000 }).toBeGreaterThan(tried);
  app.clock.pass(40 * DAY_MS);
  await sweep();
  expect(await left(alice, unnoted)).toEqual([true, true]);
  isDown = false;
  await announced(alice);
  app.clock.pass(29 * DAY_MS);
  // A second run of the job, after its mail was sent, does not restart the month.
  await noteNotice(app.app.models, await users.findById(alice.user.id).orFail().lean(), app.clock.now());
  await sweep();
  expect(await left(alice)).toEqual([true]);
  app.clock.pass(2 * DAY_MS);
  await sweep();
  expect(await left(alice, unnoted)).toEqual([false, true]);
});
