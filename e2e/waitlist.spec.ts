import type { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { endHold } from './site/database.ts';
import { connectRemote, createEvent } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { card, followUntil, heading, pressUntil, untilLive } from './site/seats.ts';
import { expect, PHONE, test } from './site/test.ts';
import { createSoldOut, giveBack, join } from './site/waitlist.ts';

const bar = (page: Page) => page.getByRole('complementary', { name: '2 seats for you' });

test('a buyer joins a sold-out event’s waiting list, moves up live, and takes an offer seen on another page', async ({
  site,
  open,
}) => {
  const { event, taken } = await createSoldOut(site);
  const [first, second] = [await open(), await open({ viewport: PHONE, hasTouch: true })];
  await join(first, event.id, 'first');
  await expect(first.getByText('You then have 45 minutes to take them.')).toBeVisible();
  await join(second, event.id, 'second');
  await first.getByRole('button', { name: 'Leave the waiting list' }).click();

  await expect(heading(second, 'You are first in line for 2 seats')).toBeVisible();
  await expect(first.getByText('You left the waiting list.')).toBeVisible();
  // A search, as the list of all events may be longer than a page.
  await second.goto(`/?query=${event.title}`);
  await untilLive(second);
  await giveBack(site.organiser, taken[0]);

  await expect(bar(second)).toContainText(`${event.title}: 2 seats from the waiting list for you.`);
  await expect(second).toHaveTitle(/^2 seats for you · /);
  await expect(bar(second).getByRole('timer')).toHaveText(/^4[45]:\d\d$/);
  await second.reload();
  await expect(bar(second)).toBeVisible();
  await expect(card(second, event.title)).toContainText('Sold out');
  await expect(card(second, event.title)).not.toContainText('on offer to others');
  await followUntil(second, bar(second).getByRole('link'), `/events/${event.id}#seats`);
  await expect(heading(second, '2 seats for you until')).toBeVisible();
  await expect(first.getByText(/^2 on offer to others until/)).toBeVisible();
  await expect(second.getByText(/on offer to others/)).toHaveCount(0);
  await pressUntil(second, 'Take 2 seats', heading(second, 'You have 2 seats'));
  await expect(heading(second, 'You have 2 seats')).toBeFocused();
  await expect(bar(second)).toHaveCount(0);
  await expect(second).toHaveTitle(new RegExp(`^${event.title}`));
});

test('an offer that is passed on goes to the next waitlist entry at once', async ({ site, open }) => {
  const { event, taken } = await createSoldOut(site);
  const [first, second] = [await open({ viewport: PHONE, hasTouch: true }), await open()];
  await join(first, event.id, 'first');
  await join(second, event.id, 'second');
  await giveBack(site.organiser, taken[0]);
  const dialog = first.getByRole('dialog', { name: 'Pass these seats on?' });
  await pressUntil(first, 'Pass them on', dialog);
  await expect(heading(second, 'You are first in line for 2 seats')).toBeVisible();
  await dialog.getByRole('button', { name: 'Pass them on' }).click();

  await expect(first.getByText('You passed the seats on.')).toBeVisible();
  await expect(heading(second, '2 seats for you until')).toBeVisible();
  await pressUntil(first, 'Join the waiting list for 2 seats', heading(first, 'You are first in line for 2 seats'));
});

test('a missed offer says so, also after a reload, and its buyer may join the list again at the end', async ({
  site,
  open,
}) => {
  const { event, taken } = await createSoldOut(site);
  const [first, second] = [await open(), await open()];
  await join(first, event.id, 'first');
  await join(second, event.id, 'second');
  await giveBack(site.organiser, taken[0]);
  await expect(heading(first, '2 seats for you until')).toBeVisible();
  await endHold(site.mongoUri, event.id);

  const missed = first.getByText('The seats we offered you were not taken in time and went to the next in line.');
  await expect(missed).toBeVisible();
  await expect(heading(second, '2 seats for you until')).toBeVisible();
  await first.reload();
  await expect(missed).toBeVisible();
  await pressUntil(first, 'Join the waiting list for 2 seats', heading(first, 'You are first in line for 2 seats'));
  await expect(missed).toHaveCount(0);
});

test('a smaller party size keeps the position and a larger one moves to the end, as the page says before', async ({
  site,
  open,
}) => {
  const { event } = await createSoldOut(site);
  const [first, second] = [await open(), await open()];
  await join(first, event.id, 'first');
  await join(second, event.id, 'second');
  const resize = async (press: 'One seat more' | 'One seat fewer', seats: string) => {
    await first.getByRole('button', { name: 'Change number of seats' }).click();
    await expect(first.getByText('With fewer seats you keep your place; with more you move to the end.')).toBeVisible();
    await first.getByRole('button', { name: press }).click();
    await first.getByRole('button', { name: `Wait for ${seats}` }).click();
  };
  await resize('One seat fewer', '1 seat');
  await expect(heading(first, 'You are first in line for 1 seat')).toBeVisible();
  await resize('One seat more', '2 seats');
  await expect(heading(first, 'You are second in line for 2 seats')).toBeVisible();
  await expect(heading(second, 'You are first in line for 2 seats')).toBeVisible();
});

test('a buyer who asks for more seats than are left may take those or join the waiting list', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { totalSeats: 3 });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  await pressUntil(page, 'Book 2 seats', page.getByText('Only 1 seat is left.'));
  await expect(page.getByRole('button', { name: 'Take 1 seat' })).toBeVisible();
  await page.getByRole('button', { name: 'Wait for 2 seats' }).click();
  await expect(heading(page, 'You are first in line for 2 seats')).toBeVisible();
});

/** In the page: presses the button to join as soon as it appears, and returns the tops of both buttons in pixels. */
const PRESS_AT_CHANGE = `new Promise((resolve) => {
  const find = (text) => [...document.querySelectorAll('button')].find((one) => one.innerText.includes(text));
  const book = find('Book 2 seats').getBoundingClientRect().top;
  new MutationObserver((_, observer) => {
    const button = find('Join the waiting list');
    if (button === undefined) return;
    observer.disconnect();
    button.click();
    requestAnimationFrame(() => resolve({ book, join: button.getBoundingClientRect().top }));
  }).observe(document.body, { childList: true, subtree: true });
})`;

test('a press that was meant for Book does not reach the button to join that replaces it', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { totalSeats: 2 });
  const page = await open({ viewport: PHONE, hasTouch: true });
  const { token } = await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await expect(page.getByRole('button', { name: 'Book 2 seats' })).toBeEnabled();
  // The press happens at the moment when one button replaces the other.
  await page.evaluate(`window.places = ${PRESS_AT_CHANGE}; undefined`);
  await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });

  const { book, join: joinTop } = await page.evaluate<{ book: number; join: number }>('window.places');
  expect(joinTop).toBeCloseTo(book, 0);
  await expect(page.getByRole('button', { name: 'Join the waiting list for 2 seats' })).toBeVisible();
  const buyer = connectRemote(site.url, token);
  expect((await buyer.must('listWaitlist', {})).entries).toEqual([]);
  buyer.close();
});
