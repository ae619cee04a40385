import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { shiftEvent } from './site/database.ts';
import { setClockAhead } from './site/network.ts';
import { connectRemote, createEvent, inDays, newWord } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { card, untilLive } from './site/seats.ts';
import { expect, PHONE, SCREENS, test, type Site } from './site/test.ts';

const search = (page: Page) => page.getByRole('searchbox', { name: 'Search events' });
const period = (page: Page) => page.getByRole('navigation', { name: 'Period' });

/** Creates `count` events with this word in their titles, one a day, and one past event. */
async function createProgramme({ organiser, mongoUri }: Site, word: string, count: number): Promise<void> {
  const over = await createEvent(organiser, { title: `${word} over`, venue: 'Käse & Brot' });
  await shiftEvent(mongoUri, over.id, { startsAt: inDays(-3), endsAt: inDays(-2) });
  for (let day = 1; day <= count; day += 1) {
    await createEvent(organiser, { title: `${word} no. ${day}`, startsAt: inDays(20 + day), venue: 'Käse & Brot' });
  }
}

test('search, period and page of the list are in the address and survive a reload and Back', async ({ site, open }) => {
  const word = newWord();
  await createProgramme(site, word, 22);
  const page = await open();
  await page.goto('/');
  await untilLive(page);
  await search(page).fill(word);

  await expect(page).toHaveURL(`/?query=${word}`);
  await expect(page.getByText('22 events found')).toBeVisible();
  await expect(page.getByRole('article')).toHaveCount(20);
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Next page' }).click();
  await expect(page).toHaveURL(`/?query=${word}&page=2`);
  await expect(page.getByRole('article')).toHaveCount(2);
  await expect(page.getByText('Page 2 of 2')).toBeVisible();
  await page.reload();
  await expect(card(page, `${word} no. 22`)).toBeVisible();
  await expect(search(page)).toHaveValue(word);

  await period(page).getByRole('link', { name: 'Past' }).click();
  await expect(page).toHaveURL(`/?query=${word}&when=past`);
  await expect(page.getByRole('article')).toHaveCount(1);
  await expect(card(page, `${word} over`)).toContainText('Over');
  await page.goBack();
  await expect(page.getByText('Page 2 of 2')).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('article')).toHaveCount(20);
  await page.goBack();
  await expect(page).toHaveURL('/');
  await expect(search(page)).toHaveValue('');
});

test('a search on a phone ignores case and accents and finds venues too', async ({ site, open }) => {
  const word = newWord();
  await createEvent(site.organiser, { title: `${word} Älplermagronen`, venue: 'Crêperie Zürich' });
  const page = await open({ viewport: PHONE, hasTouch: true });
  for (const query of [`${word} alpler`, `${word.toUpperCase()} ÄLPLER`]) {
    await page.goto(`/?query=${encodeURIComponent(query)}`);
    await expect(page.getByText('1 event found')).toBeVisible();
  }
  await page.goto('/?query=creperie+zurich');
  await expect(card(page, `${word} Älplermagronen`)).toBeVisible();
});

test('a search without results repeats the words and links to all events', async ({ open }) => {
  const word = newWord();
  const page = await open();
  await page.goto(`/?query=${word}`);
  await expect(page.getByText(`No event matches “${word}”.`)).toBeVisible();
  await page.getByRole('link', { name: 'Show all events' }).click();
  await expect(page).toHaveURL('/');
});

test('[F20] a card shows few seats left, seats being paid for, people waiting, and when the sale opens', async ({
  site,
  open,
}) => {
  const word = newWord();
  const few = await createEvent(site.organiser, { title: `${word} few`, totalSeats: 12 });
  const price = { amount: 2_000, currency: 'EUR' };
  const gone = await createEvent(site.organiser, { title: `${word} gone`, totalSeats: 4, price });
  const salesOpenAt = new Date(Date.now() + 30 * 60_000).toISOString();
  const soon = await createEvent(site.organiser, { title: `${word} soon`, salesOpenAt });
  const page = await open(SCREENS.phone);
  await setClockAhead(page);
  const { token } = await signUp(page);
  await page.goto(`/?query=${word}`);
  await untilLive(page);
  const take = (eventId: string, seats: number) =>
    site.organiser.must('book', { requestId: randomUUID(), eventId, seats });

  await expect(card(page, soon.title)).toContainText(/Sale opens .*\s· in (?:30:00|29:\d\d)/);
  await expect(card(page, few.title)).not.toContainText('Few left');
  await take(few.id, 2);
  await expect(card(page, few.title)).toContainText('Few left');
  const hold = await take(gone.id, 4);
  const clock = { hour: '2-digit', minute: '2-digit', timeZone: gone.timeZone } as const;
  const until = new Intl.DateTimeFormat('en-GB', clock).format(new Date(hold.holdExpiresAt ?? ''));
  await expect(card(page, gone.title)).toContainText('Sold out');
  await expect(card(page, gone.title)).toContainText(new RegExp(`4 being paid for, may come back by .*${until}`));

  // Returned seats now go to the waiting list first, so the card no longer says when they may come back.
  const waiting = connectRemote(site.url, token);
  await waiting.must('joinWaitlist', { requestId: randomUUID(), eventId: gone.id, seats: 2 });
  await expect(card(page, gone.title)).toContainText('4 may come back, 1 waiting');
  await expect(card(page, gone.title)).not.toContainText('being paid for');
  waiting.close();
});
