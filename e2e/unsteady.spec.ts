import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expectGoodState } from './site/good-page.ts';
import { untilKept } from './site/kept.ts';
import { cutAt, passTime, startProxyWithoutWebSockets } from './site/network.ts';
import { bookingsOf, createEvent } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { serverAway, WEBSOCKETS_BLOCKED, type Allowance } from './site/problems.ts';
import { card, expectSeats, pressUntil, seatsOf, untilLive } from './site/seats.ts';
import { expect, SCREENS, test } from './site/test.ts';

test.use({ serviceWorkers: 'allow' });

/** SvelteKit loads the page behind a link before the press. */
const PART_MISSING: Allowance = {
  reason: 'the network is away while a page behind a link is loaded',
  pattern: /^console: Error: Unable to preload CSS/,
  isCertain: false,
};
const has2 = (page: Page) => page.getByRole('heading', { name: 'You have 2 seats' });

test('[F8] a double click on Book books once', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  const { token } = await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await expect(async () => {
    if (!(await has2(page).isVisible())) {
      await page.getByRole('button', { name: 'Book 2 seats' }).dblclick({ timeout: 1_000 });
    }
    await expect(has2(page)).toBeVisible({ timeout: 600 });
  }).toPass();
  await expectSeats(seatsOf(page, event.id), 8, 10);
  expect(await bookingsOf(site.url, token)).toHaveLength(1);
});

for (const [lost, screen] of [
  ['command', SCREENS.phone],
  ['answer', SCREENS.desk],
] as const) {
  test(`[F7] [I3] a network failure that loses a booking’s ${lost} ends in one booking, which the page shows`, async ({
    site,
    open,
  }) => {
    const event = await createEvent(site.organiser);
    const page = await open({ ...screen, allowed: [serverAway('the network goes away')] });
    const { token } = await signUp(page);
    const network = await cutAt(page, 'book', lost);
    await page.goto(`/events/${event.id}`);
    await untilLive(page);

    await pressUntil(
      page,
      'Book 2 seats',
      page.getByText('The connection was lost. We keep trying for you; do not reload.'),
    );
    network.restore();

    await expect(has2(page)).toBeVisible();
    await untilLive(page);
    await expectSeats(seatsOf(page, event.id), 8, 10);
    expect(await bookingsOf(site.url, token)).toHaveLength(1);
  });
}

for (const lost of ['command', 'answer'] as const) {
  test(`a release whose ${lost} is lost with the connection is retried in its dialog: the seats return once`, async ({
    site,
    open,
  }) => {
    const event = await createEvent(site.organiser, { price: { amount: 2_000, currency: 'EUR' } });
    const page = await open({ ...SCREENS.phone, allowed: [serverAway('the network goes away')] });
    const { token } = await signUp(page);
    const network = await cutAt(page, 'cancelBooking', lost);
    await page.goto(`/events/${event.id}`);
    await untilLive(page);
    await pressUntil(page, 'Hold 2 seats', page.getByRole('heading', { name: 'You hold 2 seats' }));

    await page.getByRole('button', { name: 'Release' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Release' }).click();
    await expect(dialog.getByText('The connection was lost. We keep trying for you; do not reload.')).toBeVisible();
    network.restore();

    await expect(page.getByText('The seats went back. You were not charged.')).toBeVisible();
    await expect(dialog).toHaveCount(0);
    await expectSeats(seatsOf(page, event.id), 10, 10);
    expect(await bookingsOf(site.url, token)).toMatchObject([{ status: 'cancelled', seats: 2 }]);
  });
}

test('a cancellation of one seat whose answer is lost is sent again as the same request: one seat returns', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open({ allowed: [serverAway('the network goes away')] });
  const { token } = await signUp(page);
  const network = await cutAt(page, 'cancelBooking', 'answer');
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await page.getByRole('button', { name: 'One seat more' }).click();
  await pressUntil(page, 'Book 3 seats', page.getByRole('heading', { name: 'You have 3 seats' }));

  await page.getByRole('button', { name: 'Cancel booking' }).click();
  const dialog = page.getByRole('dialog');
  for (const left of [2, 1]) {
    await dialog.getByRole('button', { name: 'One seat fewer' }).click();
    await expect(dialog.getByRole('button', { name: `Cancel ${left} seat` })).toBeVisible();
  }
  await dialog.getByRole('button', { name: 'Cancel 1 seat' }).click();
  await expect(dialog.getByText('The connection was lost. We keep trying for you; do not reload.')).toBeVisible();
  network.restore();

  await expect(dialog).toHaveCount(0);
  await untilLive(page);
  await expectSeats(seatsOf(page, event.id), 8, 10);
  expect(await bookingsOf(site.url, token)).toMatchObject([{ status: 'confirmed', seats: 2 }]);
});

for (const [name, screen] of Object.entries(SCREENS)) {
  test(`a ${name} without a network shows the time of its numbers, dims them, and disables what cannot work`, async ({
    site,
    open,
  }) => {
    const event = await createEvent(site.organiser);
    const page = await open({ ...screen, allowed: [serverAway('the network goes away')] });
    await signUp(page);
    await page.goto(`/events/${event.id}`);
    await untilLive(page);
    const colour = () => page.evaluate<string>("getComputedStyle(document.querySelector('main .count b')).color");
    const bright = await colour();
    await page.context().setOffline(true);
    await expect(
      page.getByText(/^No connection\. The numbers are from \d\d:\d\d and may have changed\.$/),
    ).toBeVisible();
    await expect(page.getByRole('button', { name: 'Book 2 seats' })).toBeDisabled();
    await expect(page.getByText('This needs a connection. We are reconnecting.')).toBeVisible();
    // The page dims its numbers after five seconds without a message.
    await passTime(page, 5_000);
    await expect(page.getByRole('banner').getByRole('status')).toContainText(/as of \d\d:\d\d:\d\d/);
    await expect.poll(colour).not.toBe(bright);
    await expectGoodState(page, `a ${name} without a network`);
    await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 1 });

    await page.context().setOffline(false);
    await untilLive(page);
    await expectSeats(seatsOf(page, event.id), 9, 10);
    await expect(page.getByRole('banner').getByRole('status')).not.toContainText('as of');
    await pressUntil(page, 'Book 2 seats', has2(page));
  });
}

test('an event opened without a network says so, and opens without a press once the network is back', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open({ ...SCREENS.phone, allowed: [serverAway('the network goes away')] });
  await signUp(page);
  await page.goto(`/?query=${event.title}`);
  await untilLive(page);
  await untilKept(page);
  await page.context().setOffline(true);
  await card(page, event.title).getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1, name: 'No connection' })).toBeVisible();
  await expect(page.getByText('Nothing was lost.')).toBeVisible();
  await page.getByRole('button', { name: 'Reload' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'No connection' })).toBeVisible();

  await page.context().setOffline(false);
  await expect(page.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
  await pressUntil(page, 'Book 2 seats', has2(page));
});

for (const waking of ['pageshow', 'online']) {
  test(`a dead connection that still looks live is detected on ${waking}`, async ({ site, open }) => {
    const event = await createEvent(site.organiser);
    const page = await open(SCREENS.phone);
    const connections: { isDead: boolean }[] = [];
    // A dead connection loses the messages of both directions without a close or an error.
    await page.routeWebSocket(/\/socket\.io\//, (socket) => {
      const connection = { isDead: false };
      connections.push(connection);
      const server = socket.connectToServer();
      socket.onMessage((message) => connection.isDead || server.send(message));
      server.onMessage((message) => connection.isDead || socket.send(message));
    });
    await page.goto(`/events/${event.id}`);
    await untilLive(page);
    for (const connection of connections) connection.isDead = true;
    await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 3 });
    const before = connections.length;

    await page.evaluate(`dispatchEvent(new Event('${waking}'))`);

    // The connection's own heartbeat would need 45 seconds.
    await expectSeats(seatsOf(page, event.id), 7, 10);
    expect(connections.length).toBeGreaterThan(before);
    await untilLive(page);
  });
}

test('bookings and live counts work by long-polling where WebSockets are blocked', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const proxy = await startProxyWithoutWebSockets(site.url);
  const behind = { baseURL: proxy.url, allowed: [WEBSOCKETS_BLOCKED] };
  const [buyer, reader] = [await open(behind), await open({ ...SCREENS.phone, ...behind })];
  await signUp(buyer);
  for (const page of [buyer, reader]) {
    await page.goto(`/events/${event.id}`);
    await untilLive(page);
  }
  await pressUntil(buyer, 'Book 2 seats', has2(buyer));
  for (const page of [buyer, reader]) await expectSeats(seatsOf(page, event.id), 8, 10);
  for (const page of [buyer, reader]) await page.context().close();
  await proxy.close();
});

test('a press for which a part of the page does not come leads on once the network is back, with what was chosen', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open({ ...SCREENS.phone, allowed: [serverAway('the network goes away'), PART_MISSING] });
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await page.getByRole('button', { name: 'One seat more' }).click();
  await page.route(/\/_app\//, (route) => route.abort());
  const asked = page.waitForEvent('requestfailed', (request) => request.url().endsWith('version.json'));
  await page.getByRole('link', { name: 'Book 3 seats' }).click();
  await asked;
  await page.unroute(/\/_app\//);
  // The page is loaded again, since a browser never asks twice for a module; from then on the press works.
  const press = page.getByRole('link', { name: 'Book 3 seats' });
  await expect(press).toBeVisible();
  await untilLive(page);
  await press.click();
  await expect(page.getByRole('complementary', { name: 'Booking' }).getByLabel('Email')).toBeVisible();
});
