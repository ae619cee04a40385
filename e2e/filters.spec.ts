import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { shiftEvent } from './site/database.ts';
import { expectGoodState } from './site/good-page.ts';
import { createEvent, inDays, newWord } from './site/organiser.ts';
import { card, untilLive } from './site/seats.ts';
import { expect, SCREENS, test, type Site } from './site/test.ts';

const filters = (page: Page) => page.getByRole('navigation', { name: 'Filter events' });
const chip = (page: Page, name: string | RegExp) => filters(page).getByRole('link', { name });
const choice = (page: Page, name: string | RegExp) => filters(page).getByRole('button', { name });
/** The first words of the titles. */
const titles = async (page: Page) =>
  (await page.getByRole('article').getByRole('heading').allTextContents()).map((title) => title.split(' ')[0]);

/** Creates events with a word in their titles, by which a search finds these alone. */
async function createProgramme({ organiser, mongoUri }: Site): Promise<string> {
  const word = newWord();
  const [price, title] = [{ amount: 500, currency: 'EUR' }, (name: string) => `${name} ${word}`];
  const jazz = { city: 'Köln', category: 'Music', tags: ['Live'] };
  const exhibition = await createEvent(organiser, { title: title('Lines'), startsAt: inDays(1), endsAt: inDays(30) });
  await shiftEvent(mongoUri, exhibition.id, { startsAt: inDays(-2), endsAt: inDays(30) });
  await createEvent(organiser, { title: title('Jazz'), startsAt: inDays(3), ...jazz });
  await createEvent(organiser, { title: title('Soup'), startsAt: inDays(4), city: 'Köln', category: 'Food', price });
  await createEvent(organiser, { title: title('Blues'), startsAt: inDays(70), ...jazz, city: 'Zürich', price });
  return word;
}

/** Opens the list of the programme, once it has the event that was shifted, which comes by the change feed. */
async function openList(site: Site, page: Page): Promise<string> {
  const word = await createProgramme(site);
  await expect(async () => {
    await page.goto(`/?query=${word}`);
    await expect(page.getByRole('article').first()).toContainText('On now', { timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  return word;
}

for (const [screen, options] of Object.entries(SCREENS)) {
  test(`the list is filtered by chips, in the address, and Back undoes each (${screen})`, async ({ site, open }) => {
    const page = await open(options);
    const word = await openList(site, page);
    await untilLive(page);
    expect(await titles(page)).toEqual(['Lines', 'Jazz', 'Soup', 'Blues']);
    await expect(page.getByRole('heading', { name: 'This week' })).toBeVisible();

    await chip(page, /^Free/).click();
    await expect(page).toHaveURL(`/?query=${word}&free=true`);
    await expect(page.getByText('2 events found')).toBeVisible();
    expect(await titles(page)).toEqual(['Lines', 'Jazz']);
    await choice(page, 'City').click();
    await page.getByRole('link', { name: /^Köln/ }).click();
    await expect(page).toHaveURL(`/?query=${word}&city=K%C3%B6ln&free=true`);
    await expect(choice(page, 'City: Köln')).toBeFocused();
    expect(await titles(page)).toEqual(['Jazz']);
    await expectGoodState(page, 'a filtered list');

    await chip(page, /^Free/).click();
    await expect(page).toHaveURL(`/?query=${word}&city=K%C3%B6ln`);
    expect(await titles(page)).toEqual(['Jazz', 'Soup']);
    await page.goBack();
    await expect(page).toHaveURL(`/?query=${word}&city=K%C3%B6ln&free=true`);
    await page.reload();
    await expect(choice(page, 'City: Köln')).toBeVisible();
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await expect(page).toHaveURL(`/?query=${word}`);
    await expect(page.getByRole('article')).toHaveCount(4);
  });
}

test('a month and a category are chosen by keyboard, and Escape leaves them as they are', async ({ site, open }) => {
  const page = await open();
  const word = await openList(site, page);
  await untilLive(page);
  await choice(page, 'Category').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: /^Music/ })).toBeVisible();
  await expectGoodState(page, 'a filtered list');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('link', { name: /^Music/ })).toBeHidden();
  await expect(choice(page, 'Category')).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/?query=${word}&category=Music`);
  expect(await titles(page)).toEqual(['Jazz', 'Blues']);

  const month = new Date(inDays(70)).toLocaleString('en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone: 'Europe/Berlin',
  });
  await choice(page, 'Month').click();
  await page.getByRole('link', { name: month }).click();
  await expect(choice(page, `Month: ${month}`)).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`[?&]date=${inDays(70).slice(0, 7)}(&|$)`));
  await expect(page.getByText('1 event found')).toBeVisible();
  expect(await titles(page)).toEqual(['Blues']);
});

test('filters work without scripts, in German too, and a search keeps them', async ({ site, open }) => {
  const page = await open({ javaScriptEnabled: false });
  const word = await openList(site, page);
  await choice(page, 'City').click();
  await page.getByRole('link', { name: /^Zürich/ }).click();
  await expect(page).toHaveURL(`/?query=${word}&city=Z%C3%BCrich`);
  expect(await titles(page)).toEqual(['Blues']);
  await page.getByRole('searchbox').fill(`jazz ${word}`);
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText(`No event matches “jazz ${word}”.`)).toBeVisible();
  await expect(choice(page, 'City: Zürich')).toBeVisible();

  await page.goto(`/de?query=${word}&city=Z%C3%BCrich&available=true`);
  const german = page.getByRole('navigation', { name: 'Veranstaltungen filtern' });
  await expect(german.getByRole('link', { name: /Freie Plätze/ })).toHaveAttribute('aria-current', 'true');
  await expect(page.getByText('1 Veranstaltung gefunden')).toBeVisible();
});

test('a new event is offered on a filtered list only if it meets the filters', async ({ site, open }) => {
  const page = await open();
  const word = await openList(site, page);
  await page.goto(`/?query=${word}&city=K%C3%B6ln`);
  await untilLive(page);
  await expect(card(page, `Soup ${word}`)).toBeVisible();
  await createEvent(site.organiser, { title: `Elsewhere ${word}`, startsAt: inDays(2), city: 'Bonn' });
  await createEvent(site.organiser, { title: `Here ${word}`, startsAt: inDays(2), city: 'KÖLN' });
  await page.getByText('1 new event').waitFor();
  expect(await titles(page)).toEqual(['Jazz', 'Soup']);
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(card(page, `Here ${word}`)).toBeVisible();
  expect(await titles(page)).toEqual(['Here', 'Jazz', 'Soup']);
});

test('a list without what the filters ask for says so, and shows everything by one press', async ({ site, open }) => {
  await createEvent(site.organiser);
  const page = await open();
  await page.goto('/?city=Nowhere&tag=Live');
  await expect(page.getByText('No event fits these filters.')).toBeVisible();
  await expect(chip(page, /^Live/)).toHaveAttribute('aria-current', 'true');
  await page.getByRole('link', { name: 'Show all events' }).click();
  await expect(page).toHaveURL('/');
  await expect(page.getByRole('article').first()).toBeVisible();
});

test('every chip and every choice of a filter says how many events it finds', async ({ site, open }) => {
  const page = await open({ javaScriptEnabled: false });
  await openList(site, page);
  const counts = async () => (await (await page.context().request.get('/api/events/filters')).json()) as Counts;
  await expect(async () => {
    const { free, available, dates, cities, categories } = await counts();
    await page.goto('/');
    const monthOf = (date: string) =>
      new Date(`${date}-15`).toLocaleString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
    const months = dates.filter(({ date }) => /^\d/.test(date));
    const single = dates.filter(({ date }) => !/^\d/.test(date));
    const names = new Map([
      ['tonight', 'Tonight'],
      ['weekend', 'This weekend'],
    ]);
    const expected = [
      ...single.map(({ date, count }) => `${names.get(date)} ${count}`),
      `Free ${free}`,
      `Seats left ${available}`,
    ];
    const inOneLine = async (texts: Promise<string[]>) => (await texts).map((text) => text.replace(/\s+/g, ' ').trim());
    expect(await inOneLine(filters(page).locator('a.chip').allTextContents())).toEqual(expected);
    const choices: [string, string[]][] = [
      ['Month', months.map(({ date, count }) => `${monthOf(date)} ${count}`)],
      ['Category', categories.map(({ value, count }) => `${value} ${count}`)],
      ['City', cities.map(({ value, count }) => `${value} ${count}`)],
    ];
    for (const [name, texts] of choices) {
      const menu = page.locator('[popover]').filter({ has: page.getByText(name, { exact: true }) });
      expect(await inOneLine(menu.locator('a').allTextContents())).toEqual(['All', ...texts]);
    }
  }).toPass({ timeout: 30_000 });
});

interface Counts {
  free: number;
  available: number;
  dates: { date: string; count: number }[];
  cities: { value: string; count: number }[];
  categories: { value: string; count: number }[];
}

test('the list begins with this week, and tonight, the weekend and seats left are a press each, in the address', async ({
  site,
  open,
}) => {
  const page = await open();
  const word = await openList(site, page);
  await untilLive(page);
  const week = page.getByRole('heading', { name: 'This week' }).locator('xpath=following-sibling::*[1]');
  const later = page.getByRole('heading', { name: 'Later' }).locator('xpath=following-sibling::*[1]');
  await expect(week.getByRole('article')).toHaveCount(3);
  await expect(week).toContainText(`Soup ${word}`);
  await expect(later.getByRole('article')).toHaveCount(1);
  await expect(later).toContainText(`Blues ${word}`);

  for (const [name, date] of [
    [/^Tonight/, 'tonight'],
    [/^This weekend/, 'weekend'],
  ] as const) {
    await chip(page, name).click();
    await expect(page).toHaveURL(`/?query=${word}&date=${date}`);
    expect(await titles(page)).toContain('Lines');
    expect(await titles(page)).not.toContain('Blues');
    await page.goBack();
  }
  await site.organiser.must('book', { requestId: randomUUID(), eventId: await idOf(site, `Jazz ${word}`), seats: 10 });
  await chip(page, /^Seats left/).click();
  await expect(page).toHaveURL(`/?query=${word}&available=true`);
  expect(await titles(page)).toEqual(['Soup', 'Blues']);
});

/** The id of the one event that a search finds. */
async function idOf({ organiser }: Site, query: string): Promise<string> {
  const [event] = (await organiser.must('listEvents', { query })).events;
  return event?.id ?? '';
}
