import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '#shared/event.ts';
import { jobsDone } from './jobs-done.ts';
import type { MailboxOptions } from './mailbox.ts';
import { mailbox } from './mailbox.ts';
import type { Person, TestAppOptions } from './test-app.ts';
import { eventInput, testApp } from './test-app.ts';

export const SITE = { MAIL_FROM: 'tickets@example.org', PUBLIC_URL: 'https://tickets.example.org' };
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** The subjects of the mails: accounts get others, to verify their addresses. */
const OPENING = /^(?:The sale|Der Verkauf|“|Gleich|Jetzt)/;

/** A server with a mailbox, and an event whose sale opens in an hour. */
export async function reminderWorld(t: Parameters<typeof testApp>[0], options: MailboxOptions & TestAppOptions = {}) {
  const box = await mailbox(t, options);
  const app = await testApp(t, { ...options, env: { ...SITE, SMTP_URL: box.url } });
  box.whileWaiting(app.clock.hurry);
  const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
  const in_ = (ms: number) => new Date(app.clock.now().getTime() + ms).toISOString();
  const event = await admin.must('createEvent', eventInput({ salesOpenAt: in_(HOUR_MS), timeZone: 'Europe/Berlin' }));
  const { reminders } = app.app.models;
  let { revision } = event;
  return {
    app,
    box,
    admin,
    alice,
    bob,
    event,
    in_,
    pass: app.clock.pass,
    /** The mails about the opening, those to one person or all. */
    reminded: (who?: Person) =>
      box.received.filter(({ to, header }) => OPENING.test(header('subject')) && (!who || to.includes(who.user.email))),
    /** The first such mail to a person, once it has come. */
    mailOf: ({ user }: Person) => box.mail(user.email, OPENING),
    async edit(changes: Parameters<typeof admin.must<'updateEvent'>>[1]['changes']): Promise<Event> {
      const edited = await admin.must('updateEvent', { eventId: event.id, revision, changes });
      revision = edited.revision;
      return edited;
    },
    /** The stored statuses of a person's reminders. */
    statuses: async ({ user }: Person) =>
      (await reminders.find({ userId: user.id }).sort({ _id: 1 })).map(({ status }) => status),
    /** Lets the sweeps and jobs run for a while; what did not happen then does not happen. */
    async settle(): Promise<void> {
      for (let run = 0; run < 10; run += 1) {
        app.clock.hurry();
        await sleep(40);
      }
      await jobsDone(app);
    },
  };
}
