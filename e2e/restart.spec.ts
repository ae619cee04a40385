import { randomUUID } from 'node:crypto';
import { connectOrganiser, createEvent } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { book, card, expectSeats, seatsOf, untilLive } from './site/seats.ts';
import { expect, test, type OwnSite } from './site/test.ts';

/** Somebody books on another server of the same database. */
async function bookElsewhere(site: OwnSite, eventId: string, seats: number): Promise<void> {
  const server = await site.startElsewhere();
  const someone = await connectOrganiser(server.url);
  await someone.must('book', { requestId: randomUUID(), eventId, seats });
  someone.close();
  expect(await server.end('SIGTERM')).toBe(0);
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`[F7] [I6] pages outlive the ${signal} of their server and show what changed meanwhile`, async ({
    ownSite: site,
    open,
  }) => {
    const event = await createEvent(site.organiser);
    const [buyer, reader] = [
      await open({ baseURL: site.url, isSteady: false }),
      await open({ baseURL: site.url, isSteady: false }),
    ];
    await signUp(buyer);
    await book(buyer, event.id);
    await reader.goto('/');
    for (const page of [buyer, reader]) await untilLive(page);
    await expectSeats(card(reader, event.title), 8, 10);

    expect(await site.end(signal)).toBe(signal === 'SIGTERM' ? 0 : null);
    for (const page of [buyer, reader])
      await expect(page.getByRole('banner').getByRole('status')).toContainText('Reconnecting');
    await bookElsewhere(site, event.id, 3);
    await expectSeats(card(reader, event.title), 8, 10);
    await site.startAgain();

    for (const page of [buyer, reader]) await untilLive(page);
    await expectSeats(seatsOf(buyer, event.id), 5, 10);
    await expectSeats(card(reader, event.title), 5, 10);
    await expect(buyer.getByRole('button', { name: 'Account of Alice Arnold' })).toBeVisible();
    await expect(buyer.getByRole('heading', { name: 'You have 2 seats' })).toBeVisible();
    await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 1 });
    await expectSeats(seatsOf(buyer, event.id), 4, 10);
    await expectSeats(card(reader, event.title), 4, 10);
  });
}
