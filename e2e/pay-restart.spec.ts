import { createPriced, heading, payBy, signUpAndHold, toPayment } from './site/payments.ts';
import { expectSeats, seatsOf } from './site/seats.ts';
import { expect, test } from './site/test.ts';

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`[F9] [I5] a buyer pays while the server gets a ${signal}, before and after: one payment, one booking, and the pages say so by themselves`, async ({
    ownSite: site,
    open,
  }) => {
    const event = await createPriced(site.organiser);
    const page = await open({ baseURL: site.url, isSteady: false });
    await signUpAndHold(page, event.id);
    const tab = await page.context().newPage();
    await tab.goto(`/events/${event.id}`);
    await expect(heading(tab, 'You hold 2 seats')).toBeVisible();
    const back = await toPayment(page);

    await site.end(signal);
    await expect(tab.getByRole('banner').getByRole('status')).toContainText('Reconnecting');
    await site.startAgain();
    await page.reload();
    // The money is taken, and the server that could be told is gone.
    await payBy(page, 'silent');
    await expect(page.getByText('Paid. Thank you.')).toBeVisible();
    await site.end(signal);
    await site.startAgain();

    await expect(heading(tab, 'You have 2 seats')).toBeVisible({ timeout: 60_000 });
    await expectSeats(seatsOf(tab, event.id), 8, 10);
    await page.goto(back);
    await expect(heading(page, 'Paid')).toBeVisible();
    await expect(page.getByText('€40.00 was paid. 2 seats are yours.')).toBeVisible();
    const { revenue, confirmed } = await site.organiser.must('eventStats', { eventId: event.id });
    expect([revenue, confirmed]).toEqual([{ amount: 4_000, currency: 'EUR' }, 1]);
    expect((await site.organiser.must('listPaymentTroubles', {})).troubles).toEqual([]);
  });
}
