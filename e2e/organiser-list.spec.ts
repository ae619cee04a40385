import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { shiftEvent } from './site/database.ts';
import { createEvent, inDays, newWord } from './site/organiser.ts';
import { signInOrganiser } from './site/people.ts';
import { untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';

const tabs = (page: Page) => page.getByRole('navigation', { name: 'Your events' });
const rows = (page: Page) => page.getByRole('main').getByRole('listitem');

test('an organiser finds each event in one of four tabs, and tab, search and page are in the address', async ({
  site,
  open,
}) => {
  const { organiser, mongoUri } = site;
  const word = newWord();
  for (let day = 1; day <= 21; day += 1)
    await createEvent(organiser, { title: `${word} coming ${day}`, startsAt: inDays(day) });
  for (const day of [3, 2]) {
    const { id } = await createEvent(organiser, { title: `${word} over ${day}` });
    await shiftEvent(mongoUri, id, { startsAt: inDays(-day), endsAt: inDays(-day + 0.1) });
  }
  await createEvent(organiser, { title: `${word} draft`, status: 'draft', startsAt: inDays(-9) });
  const stormy = await createEvent(organiser, { title: `${word} stormy` });
  await organiser.must('cancelEvent', { eventId: stormy.id, reason: 'Storm' });

  const page = await open();
  await signInOrganiser(page);
  await page.goto('/admin');
  await untilLive(page);
  await expect(page.getByRole('contentinfo')).toContainText(/Version \d+\.\d+\.\d+/);
  await page.getByRole('searchbox', { name: 'Search events' }).fill(word.toUpperCase());
  await expect(page).toHaveURL(`/admin?query=${word.toUpperCase()}`);
  await expect(page.getByText('21 events found')).toBeVisible();
  await expect(rows(page)).toHaveCount(20);
  await expect(rows(page).first()).toContainText(`${word} coming 1`);
  await page.getByRole('link', { name: 'Next page' }).click();
  await expect(page).toHaveURL(`/admin?query=${word.toUpperCase()}&page=2`);
  await expect(rows(page)).toHaveCount(1);
  await page.reload();
  await expect(rows(page)).toContainText(`${word} coming 21`);

  for (const [tab, titles] of [
    ['Past', ['over 2', 'over 3']],
    ['Drafts', ['draft']],
    ['Cancelled', ['stormy']],
  ] as const) {
    await tabs(page).getByRole('link', { name: tab }).click();
    await expect(page).toHaveURL(`/admin?tab=${tab.toLowerCase()}&query=${word.toUpperCase()}`);
    await expect(rows(page)).toHaveCount(titles.length);
    for (const [index, title] of titles.entries())
      await expect(rows(page).nth(index)).toContainText(`${word} ${title}`);
  }
  await page.goBack();
  await expect(tabs(page).getByRole('link', { name: 'Drafts' })).toHaveAttribute('aria-current', 'page');
  await expect(rows(page)).toHaveCount(1);
});

test('an event cancelled elsewhere moves in the organiser’s list to the tab Cancelled on a press', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  await signInOrganiser(page);
  await page.goto(`/admin?query=${event.title.split(' ')[1]}`);
  await untilLive(page);
  await expect(rows(page)).toHaveCount(1);
  await site.organiser.must('cancelEvent', { eventId: event.id, reason: 'Storm' });
  await expect(page.getByText('The list has changed.')).toBeVisible();
  await expect(rows(page)).toContainText('Cancelled');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByText(/^No event matches/)).toBeVisible();
  await tabs(page).getByRole('link', { name: 'Cancelled' }).click();
  await expect(rows(page)).toContainText(event.title);
});

test('a time in an organiser’s lists names the zone of the venue if the reader’s clock shows another time', async ({
  site,
  open,
}) => {
  const title = newWord();
  const { id } = await createEvent(site.organiser, { title, timeZone: 'Asia/Tokyo' });
  await site.organiser.must('book', { requestId: randomUUID(), eventId: id, seats: 1 });
  const [far, near] = [await open(), await open({ timezoneId: 'Asia/Tokyo' })];
  for (const [page, isNamed] of [
    [far, true],
    [near, false],
  ] as const) {
    await signInOrganiser(page);
    const main = page.getByRole('main');
    for (const [path, shown] of [
      [`/admin?query=${title}`, rows(page)],
      [`/admin/events/${id}/bookings`, rows(page)],
      [`/admin/events/${id}/sales`, main.getByRole('figure')],
    ] as const) {
      await page.goto(path);
      await expect(shown).toContainText(/\d\d:\d\d/);
      await (isNamed ? expect(shown) : expect(shown).not).toContainText('GMT+9');
    }
  }
});
