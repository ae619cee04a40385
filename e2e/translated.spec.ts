import type { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { createEvent } from './site/organiser.ts';
import { PRICE } from './site/payments.ts';
import { signUp } from './site/people.ts';
import { expectSeats, heading, pressUntil, seatsOf, untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';

/** Replaces every text node by a `<font>` element with its translation, as browsers do. */
const TRANSLATE = `(() => {
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (nodes.nextNode()) texts.push(nodes.currentNode);
  for (const text of texts) {
    if (text.data.trim() === '' || text.parentElement.closest('script, style, noscript, font') !== null) continue;
    const [outer, inner] = [document.createElement('font'), document.createElement('font')];
    inner.append(text.data);
    outer.append(inner);
    text.replaceWith(outer);
  }
})()`;

const translate = (page: Page) => page.evaluate(TRANSLATE);

test('a translated page goes on: counts, total, countdown and each state of a booking', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await expect(page.getByRole('button', { name: 'Hold 2 seats' })).toBeEnabled();
  await translate(page);
  await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 3 });
  await expectSeats(seatsOf(page, event.id), 7, 10);
  await expect(page.getByText('Few left')).toBeVisible();
  await translate(page);
  await page.getByRole('button', { name: 'One seat more' }).click();
  await expect(page.getByText('€60.00', { exact: true })).toBeVisible();
  await expect(page.getByText('€40.00', { exact: true })).toHaveCount(0);

  await pressUntil(page, 'Hold 3 seats', heading(page, 'You hold 3 seats'));
  await translate(page);
  const timer = page.getByRole('main').getByRole('timer');
  const before = (await timer.textContent()) ?? '';
  await expect(timer).toHaveText(/^\d+:\d\d$/);
  await expect(timer).not.toHaveText(before);
  await expect(page.getByRole('button', { name: 'Hold 3 seats' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Change number of seats' }).click();
  await page.getByRole('button', { name: 'One seat fewer' }).click();
  await translate(page);
  await page.getByRole('button', { name: 'Hold 2 seats instead' }).click();
  await expect(heading(page, 'You hold 2 seats')).toBeVisible();
  await expect(page.getByText(/You hold 3 seats|€60\.00|Total/)).toHaveCount(0);

  await page.getByRole('button', { name: 'Release' }).click();
  await translate(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
  await expect(page.getByText('The seats went back. You were not charged.')).toBeVisible();
  await expectSeats(seatsOf(page, event.id), 7, 10);
  await expect(page.getByText('You hold')).toHaveCount(0);
});

test('a translated list goes on: counts, and an event that is sold out', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { totalSeats: 3 });
  const page = await open();
  await page.goto(`/?query=${event.title}`);
  await untilLive(page);
  const mine = page.getByRole('article');
  await translate(page);
  await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  await expect(mine).toContainText('1 of 3 free');
  await translate(page);
  await site.organiser.must('updateEvent', { eventId: event.id, revision: event.revision, changes: { totalSeats: 2 } });
  await expect(mine).toContainText('Sold out');
  await expect(mine).not.toContainText('free');
});
