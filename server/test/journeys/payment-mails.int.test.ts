import { describe, expect, it } from 'vitest';
import { jobsDone } from '../support/jobs-done.ts';
import { mailbox } from '../support/mailbox.ts';
import { buy, CARD, outlastHold, paidSetting, useCard } from '../support/payments/demo-payments.ts';
import type { TestApp } from '../support/test-app.ts';
import { book } from '../support/test-app.ts';

/** Mails with tickets take seconds each on a busy machine. */
const TIMEOUT_MS = 180_000;

const HELLO = 'Confirm your email address';
const TITLE = 'Jazz im Hinterhof';

async function paymentMailSetting(t: Parameters<typeof paidSetting>[0]) {
  const box = await mailbox(t);
  const env = { SMTP_URL: box.url, MAIL_FROM: 'tickets@example.org' };
  const setting = await paidSetting(t, { holdMinutes: 1, totalSeats: 2 }, { env });
  box.whileWaiting(setting.app.clock.hurry);
  return { ...setting, box };
}

/** Pays for two seats with a card whose money arrives after the hold, and passes the end of the hold. */
async function payTooLate({ app, alice, eventId }: Awaited<ReturnType<typeof paidSetting>>): Promise<string> {
  const { id } = await book(alice, eventId, 2);
  await useCard(await alice.must('checkout', { bookingId: id }), CARD.late);
  await outlastHold(app, alice, id);
  return id;
}

/** Runs every mail job again, and waits until none is left. */
async function rerunMailJobs(app: TestApp): Promise<void> {
  await jobsDone(app);
  const again = { state: 'waiting', nextAt: new Date(0), doneAt: null } as const;
  const { modifiedCount } = await app.app.models.jobs.updateMany({ kind: /^tell-/ }, { $set: again });
  expect(modifiedCount).toBeGreaterThan(0);
  await jobsDone(app);
}

describe('mails about payments', { timeout: TIMEOUT_MS }, () => {
  it('report once that a late payment bought the seats, which were still free', async (t) => {
    const setting = await paymentMailSetting(t);
    const { app, alice, box } = setting;
    const id = await payTooLate(setting);
    app.clock.offsetMs = 140_000;
    const mail = await box.mail(alice.user.email, /^Your payment arrived/);
    expect(mail.text).toContain(`/tickets/${id}`);
    await rerunMailJobs(app);
    expect(box.subjectsTo(alice.user.email).toSorted()).toEqual([HELLO, `Your payment arrived: ${TITLE}`]);
  });

  it('report once that a late payment for sold seats is refunded, and the refund', async (t) => {
    const setting = await paymentMailSetting(t);
    const { app, alice, bob, eventId, box } = setting;
    await payTooLate(setting);
    await buy(bob, eventId, 2);
    app.clock.offsetMs = 140_000;
    const late = await box.mail(alice.user.email, /^You get your payment back/);
    expect(late.text).toContain('€40.00');
    app.clock.offsetMs = 150_000;
    const gone = await box.mail(alice.user.email, /^Refund/);
    expect(gone.text).toContain('We have refunded €40.00');
    await rerunMailJobs(app);
    expect(box.subjectsTo(alice.user.email).toSorted()).toEqual([
      HELLO,
      `Refund: ${TITLE}`,
      `You get your payment back: ${TITLE}`,
    ]);
    expect(box.subjectsTo(bob.user.email).toSorted()).toEqual([HELLO, `Your booking: ${TITLE}`]);
  });

  it('report a cancellation once, and its refund once it has succeeded', async (t) => {
    const { app, alice, eventId, box } = await paymentMailSetting(t);
    const { id } = await buy(alice, eventId, 2);
    await box.mail(alice.user.email, /^Your booking: /);
    await alice.must('cancelBooking', { bookingId: id });
    await box.mail(alice.user.email, /^Your booking was cancelled/);
    const gone = await app.clock.until(box.mail(alice.user.email, /^Refund/));
    expect(gone.text).toContain('We have refunded €40.00');
    await rerunMailJobs(app);
    expect(box.subjectsTo(alice.user.email).toSorted()).toEqual([
      HELLO,
      `Refund: ${TITLE}`,
      `Your booking was cancelled: ${TITLE}`,
      `Your booking: ${TITLE}`,
    ]);
  });
});
