import { randomUUID } from 'node:crypto';
import { untilKept } from './site/kept.ts';
import { connectOrganiser, connectRemote, createEvent } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { serverAway } from './site/problems.ts';
import { card, expectSeats, pressUntil, seatsOf, untilLive } from './site/seats.ts';
import { expect, SCREENS, test, type OwnSite } from './site/test.ts';

test.use({ serviceWorkers: 'allow' });

/** Books seats through another server on the same database. */
async function bookElsewhere(site: OwnSite, eventId: string, seats: number): Promise<void> {
  const server = await site.startElsewhere();
  const someone = await connectOrganiser(server.url);
  await someone.must('book', { requestId: randomUUID(), eventId, seats });
  someone.close();
  expect(await server.end('SIGTERM')).toBe(0);
}

/** In the page: milliseconds from "Live" until no card shows the old number of free seats. */
const WATCH_HEALING = `new Promise((resolve) => {
  let liveAt = null;
  const look = () => {
    const isLive = document.querySelector('[data-connection]').dataset.connection === 'live';
    liveAt = isLive ? (liveAt ?? performance.now()) : null;
    if (liveAt === null || document.querySelector('article[data-available-seats="10"]')) return;
    observer.disconnect();
    resolve(performance.now() - liveAt);
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { subtree: true, childList: true, attributes: true });
})`;

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`[F7] [I6] pages survive the ${signal} of their server and show what changed meanwhile`, async ({
    ownSite: site,
    open,
  }) => {
    const event = await createEvent(site.organiser);
    const [buyer, reader] = [
      await open({ ...SCREENS.phone, baseURL: site.url, allowed: [serverAway('the server restarts')] }),
      await open({ baseURL: site.url, allowed: [serverAway('the server restarts')] }),
    ];
    const { token } = await signUp(buyer);
    await buyer.goto(`/events/${event.id}`);
    await reader.goto('/');
    for (const page of [buyer, reader]) await untilLive(page);
    // A service worker that is still being installed would log an error when its server stops.
    await untilKept(buyer);
    await expectSeats(card(reader, event.title), 10, 10);

    expect(await site.end(signal)).toBe(signal === 'SIGTERM' ? 0 : null);
    for (const page of [buyer, reader])
      await expect(page.getByRole('banner').getByRole('status')).toContainText('Reconnecting');
    // The buyer presses Book without a server: the page retries until the server is back.
    await pressUntil(buyer, 'Book 2 seats', buyer.getByText('The connection was lost. We keep trying for you'));
    await bookElsewhere(site, event.id, 3);
    await expectSeats(card(reader, event.title), 10, 10);
    const healingMs = reader.evaluate<number>(WATCH_HEALING);
    await site.startAgain();

    for (const page of [buyer, reader]) await untilLive(page);
    await expectSeats(seatsOf(buyer, event.id), 5, 10);
    await expectSeats(card(reader, event.title), 5, 10);
    expect(await healingMs, 'from "Live" to the right number').toBeLessThan(3_000);
    await expect(buyer.getByRole('button', { name: 'Account of Alice Arnold' })).toBeVisible();
    await expect(buyer.getByRole('heading', { name: 'You have 2 seats' })).toBeVisible();
    const remote = connectRemote(site.url, token);
    expect((await remote.must('listBookings', {})).bookings).toMatchObject([{ seats: 2, status: 'confirmed' }]);
    remote.close();
    await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 1 });
    await expectSeats(seatsOf(buyer, event.id), 4, 10);
    await expectSeats(card(reader, event.title), 4, 10);
  });
}
