import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import type { Event } from '#shared/event.ts';
import { createEvent, inDays } from './site/organiser.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { book, pressUntil, untilLive } from './site/seats.ts';
import { expect, test, type Site } from './site/test.ts';

const TITLE = 'Donaudampfschifffahrtsgesellschaftskonzert';
const PRICE = { amount: 123_456_789, currency: 'EUR' };

/** Events of each kind, with words and numbers as long as they get. */
async function createProgramme({ organiser }: Site): Promise<Event[]> {
  const venue = 'Anlegestelle Steinerne Brücke, Regensburg';
  const soldOut = await createEvent(organiser, { title: `${TITLE}, ausverkauft`, venue, totalSeats: 2 });
  await organiser.must('book', { requestId: randomUUID(), eventId: soldOut.id, seats: 2 });
  const salesOpenAt = inDays(1);
  return [
    soldOut,
    await createEvent(organiser, { title: TITLE, venue, totalSeats: 1_000_000, price: PRICE }),
    await createEvent(organiser, { title: `${TITLE}, demnächst`, venue, salesOpenAt }),
    await createEvent(organiser, { title: `${TITLE}, Entwurf`, venue, status: 'draft' }),
  ];
}

/** Nothing that bars somebody, in the colours of day and night, nor anything wider than the narrowest phone. */
async function expectGoodPage(page: Page, path: string, ready: RegExp | string): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(path);
  await untilLive(page);
  await expect(page.getByRole('main')).toContainText(ready);
  expect(await seriousOn(page), `${path} in light`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  // The night differs in its colours alone.
  expect(await seriousOn(page, ['color-contrast', 'link-in-text-block']), `${path} in dark`).toEqual([]);
  for (const at of [path, path === '/' ? '/de' : `/de${path}`]) {
    await page.setViewportSize({ width: 320, height: 640 });
    if (at !== path) await page.goto(at);
    await untilLive(page);
    expect(await overflowOf(page), `${at} at 320 px`).toEqual([]);
  }
}

/** What axe calls serious or critical, of all its rules or of these. */
async function seriousOn(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules === undefined ? axe : axe.withRules(rules)).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

/** What reaches beyond the right edge of the window; empty where the page cannot be scrolled sideways. */
function overflowOf(page: Page): Promise<string[]> {
  return page.locator('html').evaluate((html) => {
    const { clientWidth, scrollWidth } = html;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...html.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > clientWidth);
    return [`${scrollWidth} > ${clientWidth}`, ...wide.map((one) => one.outerHTML.slice(0, 120))];
  });
}

test('lists and event pages bar nobody, in light and dark, and fit 320 px', async ({ site, open }) => {
  const [soldOut, priced, before] = await createProgramme(site);
  const page = await open();
  await expectGoodPage(page, '/', 'free');
  await expectGoodPage(page, '/?when=past&query=nothing', 'No event matches');
  await expectGoodPage(page, `/events/${soldOut?.id}`, 'Sold out');
  await expectGoodPage(page, `/events/${priced?.id}`, 'Sign in to book');
  await expectGoodPage(page, `/events/${before?.id}`, 'Sale opens');
});

test('a buyer’s pages bar nobody, in light and dark, and fit 320 px', async ({ site, open }) => {
  const [, priced] = await createProgramme(site);
  const free = await createEvent(site.organiser, { title: TITLE });
  const page = await open({ problems: [/404/] });
  for (const path of ['/login', '/register']) await expectGoodPage(page, path, 'Password');
  await expectGoodPage(page, '/bookings', 'Sign in to see');
  await expectGoodPage(page, '/nowhere', 'All events');
  await signUp(page, {
    name: 'Maximiliane von und zu Hohenschwangau-Oberammergau',
    email: `${randomUUID()}@example.org`,
    password: 'correct horse',
  });
  await book(page, free.id);
  await expectGoodPage(page, `/events/${free.id}`, 'You have 2 seats');
  await page.goto(`/events/${priced?.id}`);
  await pressUntil(page, 'Hold 2 seats', page.getByRole('heading', { name: 'You hold 2 seats' }));
  await expectGoodPage(page, `/events/${priced?.id}`, 'You hold 2 seats');
  await expectGoodPage(page, '/', 'free');
  await expectGoodPage(page, '/bookings', 'Confirmed');
});

test('an organiser’s pages bar nobody, in light and dark, and fit 320 px', async ({ site, open }) => {
  const [, priced, , draft] = await createProgramme(site);
  const page = await open();
  await signInOrganiser(page);
  await expectGoodPage(page, '/admin', TITLE);
  await expectGoodPage(page, '/admin/events/new', 'What and where');
  for (const event of [priced, draft]) await expectGoodPage(page, `/admin/events/${event?.id}`, 'What and where');
});

test('the pages of a sale bar nobody, in light and dark, and fit 320 px', async ({ site, open }) => {
  const [soldOut] = await createProgramme(site);
  const page = await open();
  await signInOrganiser(page);
  await expectGoodPage(page, `/admin/events/${soldOut?.id}/sales`, 'Seats sold over time');
  await expectGoodPage(page, `/admin/events/${soldOut?.id}/bookings`, '1 booking');
  await expectGoodPage(page, `/admin/events/${soldOut?.id}/door`, '0 of 2 inside');
  await expectGoodPage(page, '/admin/roles', 'Make organiser');
});

test('a dialog bars nobody, holds the focus, and gives it back', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  await signUp(page);
  await book(page, event.id);
  const opener = page.getByRole('button', { name: 'Cancel booking' });
  await opener.click();
  const dialog = page.getByRole('dialog', { name: 'Cancel this booking?' });
  await expect(dialog.getByRole('button', { name: 'Keep booking' })).toBeFocused();
  expect(await seriousOn(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
});
