import type { Page, WebSocketRoute } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { expectGoodState } from './site/good-page.ts';
import { agePendingRequests } from './site/kept.ts';
import { passTime } from './site/network.ts';
import { bookingsOf, connectRemote, createEvent } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { expectSeats, heading, pressUntil, seatsOf, untilLive } from './site/seats.ts';
import { expect, PHONE, test } from './site/test.ts';

const PRICE = { amount: 2_000, currency: 'EUR' };

const partySize = (page: Page) => page.getByRole('spinbutton', { name: 'Seats' });

/** Answers a command of the page instead of the server while `answer` returns a refusal; notes the inputs sent. */
async function answerInstead(page: Page, command: string, answer: (times: number) => object | null): Promise<string[]> {
  const sent: string[] = [];
  await page.routeWebSocket(/\/socket\.io\//, (socket: WebSocketRoute) => {
    const server = socket.connectToServer();
    server.onMessage((message) => socket.send(message));
    socket.onMessage((message) => {
      const [, namespace, id, input] = /^42(\/\w+),(\d+)(\[.*)$/.exec(String(message)) ?? [];
      if (input === undefined || !input.startsWith(`["${command}"`)) return server.send(message);
      sent.push(input);
      const refusal = answer(sent.length);
      if (refusal === null) server.send(message);
      else socket.send(`43${namespace},${id}[${JSON.stringify({ ok: false, error: { message: '', ...refusal } })}]`);
    });
  });
  return sent;
}

test('a buyer sets the party size and books by keyboard alone, and the focus moves to the outcome', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await partySize(page).focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowDown');
  await expect(partySize(page)).toHaveValue('3');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Book 3 seats' })).toBeFocused();
  await expect(async () => {
    if (!(await heading(page, 'You have 3 seats').isVisible())) await page.keyboard.press('Enter');
    await expect(heading(page, 'You have 3 seats')).toBeFocused({ timeout: 600 });
  }).toPass();
});

test('a free booking can be undone in one press, for ten seconds only', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open({ viewport: PHONE, hasTouch: true });
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  const has2 = heading(page, 'You have 2 seats');
  const undo = page.getByRole('button', { name: 'Undo' });
  await pressUntil(page, 'Book 2 seats', has2);
  await undo.click();
  await expect(page.getByText('Undone. The seats went back.')).toBeVisible();
  await expectSeats(seatsOf(page, event.id), 10, 10);

  await pressUntil(page, 'Book 2 seats', has2);
  const cancel = page.getByRole('button', { name: 'Cancel booking' });
  await expect(undo).toBeVisible();
  const before = await cancel.boundingBox();
  await passTime(page, 5_000);
  await expect(undo).toBeVisible();
  await passTime(page, 5_000);
  await expect(undo).toHaveCount(0);
  await expect(page.getByText('You can cancel until')).toBeVisible();
  expect(await cancel.boundingBox(), 'what is below stays in place').toEqual(before);
});

test('a changed price is shown beside the old one, and nothing is held before the buyer agrees', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open();
  const { token } = await signUp(page);
  // The page does not know the new price yet when the buyer presses.
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  const answers = [{ code: 'PRICE_CHANGED', details: { price: { amount: 2_500, currency: 'EUR' } } }];
  const slow = await open();
  await slow.context().addCookies(await page.context().cookies());
  await answerInstead(slow, 'book', () => answers.shift() ?? null);
  await slow.goto(`/events/${event.id}`);
  await pressUntil(slow, 'Hold 2 seats', slow.getByText('The price changed from €20.00 to €25.00 per seat.'));
  await expectGoodState(slow, 'a new price');
  expect(await bookingsOf(site.url, token)).toEqual([]);
  await site.organiser.must('updateEvent', {
    eventId: event.id,
    revision: event.revision,
    changes: { price: { amount: 2_500, currency: 'EUR' } },
  });
  await slow.getByRole('button', { name: 'Continue at €25.00' }).click();
  await expect(heading(slow, 'You hold 2 seats')).toBeVisible();
  expect(await bookingsOf(site.url, token)).toMatchObject([{ total: { amount: 5_000 } }]);
});

test('a buyer refused because of the last seats may wait, and may book once seats are free again', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open({ viewport: PHONE, hasTouch: true });
  await signUp(page);
  const answers = [{ code: 'SOLD_OUT', details: { availableSeats: 0 } }];
  await answerInstead(page, 'book', () => answers.shift() ?? null);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await pressUntil(page, 'Book 2 seats', page.getByText('The last seats have just gone. Nothing was booked.'));
  await page.getByRole('button', { name: 'Wait for 2 seats' }).click();
  // By now seats are free again: only the first answer said sold out.
  const notice = page.getByRole('status').filter({ hasText: 'Seats are free again. You need not wait.' });
  await expect(notice).toBeVisible();
  await pressUntil(notice, 'Book 2 seats', heading(page, 'You have 2 seats'));
});

test('a buyer with a hold from another device goes on with that hold instead of a second one', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open();
  const { token } = await signUp(page);
  // The push of the other device's hold does not reach this page.
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!String(message).includes('["bookingChanged"')) socket.send(message);
    });
  });
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await expect(page.getByRole('button', { name: 'Hold 2 seats' })).toBeEnabled();
  const elsewhere = connectRemote(site.url, token);
  await elsewhere.must('book', { requestId: randomUUID(), eventId: event.id, seats: 3 });
  elsewhere.close();

  await pressUntil(page, 'Hold 2 seats', page.getByText('You already hold seats for this event.'));
  await page.getByRole('button', { name: 'Continue with that hold' }).click();
  await expect(heading(page, 'You hold 3 seats')).toBeVisible();
});

test('[F7] a page retries a booking at a busy server with one request id, over a reload, until it is stopped', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  const { token } = await signUp(page);
  let isBusy = true;
  const sent = await answerInstead(page, 'book', () => (isBusy ? { code: 'BUSY', retryAfterMs: 200 } : null));
  const requestIds = () =>
    new Set(sent.map((input) => (JSON.parse(input) as [string, { requestId: string }])[1].requestId));
  const trying = page.getByText('Many people are booking. We keep trying for you; do not reload.');
  await page.goto(`/events/${event.id}`);
  await pressUntil(page, 'Book 2 seats', trying);
  await expect.poll(() => sent.length).toBeGreaterThan(2);
  await expectGoodState(page, 'while it keeps trying');
  await page.reload();
  await expect(trying).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('We stopped trying. If it went through after all, it will appear here.')).toBeVisible();
  const sentBefore = sent.length;
  await page.reload();
  await untilLive(page);
  await expect(page.getByText('We stopped trying.')).toBeVisible();
  expect(sent, 'what was stopped is not taken up by a reload').toHaveLength(sentBefore);
  isBusy = false;
  await page.getByRole('button', { name: 'Try again' }).click();

  await expect(heading(page, 'You have 2 seats')).toBeVisible();
  expect(requestIds().size).toBe(1);
  expect(await bookingsOf(site.url, token)).toHaveLength(1);
});

test('[F7] a reload before the answer to a booking arrives ends in one booking', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  const { token } = await signUp(page);
  let isMuted = true;
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => server.send(message));
    server.onMessage((message) => {
      const isOfBooking = /^43|"bookingChanged"/.test(String(message)) && String(message).includes('"requestId"');
      if (!isMuted || !isOfBooking) socket.send(message);
    });
  });
  await page.goto(`/events/${event.id}`);
  await pressUntil(page, 'Book 2 seats', page.getByRole('button', { name: 'Booking', exact: true }));
  await expect.poll(async () => (await bookingsOf(site.url, token)).length).toBe(1);
  isMuted = false;
  await page.reload();

  await expect(heading(page, 'You have 2 seats')).toBeVisible();
  await expectSeats(seatsOf(page, event.id), 8, 10);
  expect(await bookingsOf(site.url, token)).toHaveLength(1);
});

test('a pending booking of three minutes ago that the server never made is reported as not made', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  const { token } = await signUp(page);
  await answerInstead(page, 'book', () => ({ code: 'BUSY', retryAfterMs: 30_000 }));
  await page.goto(`/events/${event.id}`);
  await pressUntil(page, 'Book 2 seats', page.getByRole('button', { name: 'Stop' }));
  // Three minutes pass while the tab is closed.
  await agePendingRequests(page, 180_000);
  await page.reload();
  await expect(page.getByText('Your last attempt for 2 seats did not go through. Nothing was booked.')).toBeVisible();
  expect(await bookingsOf(site.url, token)).toEqual([]);
});
