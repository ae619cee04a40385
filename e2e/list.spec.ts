import type { Page } from '@playwright/test';
import { createEvent, inDays, newWord } from './site/organiser.ts';
import { card, untilLive } from './site/seats.ts';
import { expect, PHONE, test, type Site } from './site/test.ts';

const search = (page: Page) => page.getByRole('searchbox', { name: 'Search events' });
const period = (page: Page) => page.getByRole('navigation', { name: 'Period' });

/** So many events with this word in their title, one a day, and one that is over. */
async function createProgramme({ organiser }: Site, word: string, count: number): Promise<void> {
  const over = { startsAt: inDays(-3), endsAt: inDays(-2), venue: 'Käse & Brot' };
  await createEvent(organiser, { title: `${word} over`, ...over });
  for (let day = 1; day <= count; day += 1) {
    await createEvent(organiser, { title: `${word} no. ${day}`, startsAt: inDays(20 + day), venue: 'Käse & Brot' });
  }
}

test('search, period and page are in the address, and outlive reload and back', async ({ site, open }) => {
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

test('a search on a phone knows no case and no accents, and finds places too', async ({ site, open }) => {
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

test('a search that finds nothing says for what, and how to get back', async ({ open }) => {
  const word = newWord();
  const page = await open();
  await page.goto(`/?query=${word}`);
  await expect(page.getByText(`No event matches “${word}”.`)).toBeVisible();
  await page.getByRole('link', { name: 'Show all events' }).click();
  await expect(page).toHaveURL('/');
});
