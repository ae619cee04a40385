import { randomUUID } from 'node:crypto';
import { createEvent, newWord } from './site/organiser.ts';
import { card, expectSeats, seatsOf, untilLive } from './site/seats.ts';
import { expect, SCREENS, test } from './site/test.ts';

const PRICE = { amount: 2_550, currency: 'EUR' };

test('the list has its numbers, facts and links and can be searched without JavaScript', async ({ site, open }) => {
  const word = newWord();
  const event = await createEvent(site.organiser, { title: `Jazz ${word}`, price: PRICE });
  await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 4 });
  const page = await open({ javaScriptEnabled: false });
  await page.goto('/');
  await page.getByRole('searchbox', { name: 'Search events' }).fill(word);
  await page.getByRole('button', { name: 'Search' }).click();

  await expect(page).toHaveURL(new RegExp(`query=${word}`));
  await expectSeats(card(page, event.title), 6, 10);
  await expect(card(page, event.title)).toContainText('€25.50');
  await expect(card(page, event.title)).toContainText(event.venue);
  await card(page, event.title).getByRole('link').click();

  await expect(page.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
  await expectSeats(seatsOf(page, event.id), 6, 10);
  await expect(page.getByText('€25.50 per seat, all taxes and fees included')).toBeVisible();
  await expect(page.getByText(event.description)).toBeVisible();
  // `getByText` ignores text within <noscript>.
  await expect(page.locator('noscript p')).toBeVisible();
  await expect(page.locator('noscript p')).toContainText('Booking needs JavaScript.');
  const sameDay = {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'Europe/Berlin',
  } as const;
  for (const part of new Intl.DateTimeFormat('en-GB', sameDay).formatToParts(new Date(event.startsAt)))
    if (part.type !== 'literal') await expect(page.getByRole('main').locator('header')).toContainText(part.value);
});

test('German pages are in German, and each page links to itself in the other language', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open({ ...SCREENS.phone, javaScriptEnabled: false });
  await page.goto(`/de/?query=${event.title.split(' ')[1]}`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.getByRole('heading', { level: 1, name: 'Kommende Veranstaltungen' })).toBeVisible();
  await expect(card(page, event.title)).toContainText('10 von 10 frei');
  await expect(card(page, event.title)).toContainText('25,50');
  await card(page, event.title).getByRole('link').click();

  await expect(page).toHaveURL(`/de/events/${event.id}`);
  await expect(seatsOf(page, event.id)).toContainText('10 von 10 frei');
  const alternate = (lang: string) => page.locator(`link[rel=alternate][hreflang=${lang}]`);
  await expect(alternate('en')).toHaveAttribute('href', `${site.url}/events/${event.id}`);
  await expect(alternate('de')).toHaveAttribute('href', `${site.url}/de/events/${event.id}`);
  await page.getByRole('contentinfo').getByRole('link', { name: 'English' }).click();
  await expect(page).toHaveURL(`/events/${event.id}`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});

test('a chosen theme is applied before any script of the page has loaded', async ({ open }) => {
  const page = await open({ colorScheme: 'light' });
  const paper = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
  const around = (theme: string) => page.locator(`meta[name=theme-color][data-of=${theme}]`);
  await page.goto('/');
  await untilLive(page);
  const byDay = await paper();
  await page.locator('button[popovertarget="site-menu"]').click();
  await page.getByRole('radio', { name: 'Dark' }).check();
  await expect.poll(paper).not.toBe(byDay);
  const byNight = await paper();
  await expect(around('dark')).toHaveAttribute('media', 'all');

  // Scripts never load from here on, so the page stays as at its first paint.
  await page.route(/_app\/.*\.js$/, () => undefined);
  await page.goto('/', { waitUntil: 'commit' });
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await paper()).toBe(byNight);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(around('dark')).toHaveAttribute('media', 'all');
  await expect(around('light')).toHaveAttribute('media', 'not all');
});

test('pages of accounts and organisers say that they need JavaScript instead of loading for ever without it', async ({
  open,
}) => {
  const page = await open({ javaScriptEnabled: false });
  const own = ['/bookings', '/tickets/kept', '/account', '/verify', '/admin', '/admin/roles', '/admin/events/new'];
  for (const path of [...own, '/de/bookings']) {
    await page.goto(path);
    const words = path.startsWith('/de') ? 'Diese Seite braucht JavaScript.' : 'This page needs JavaScript.';
    await expect(page.locator('noscript p'), path).toBeVisible();
    await expect(page.locator('noscript p'), path).toContainText(words);
    await expect(page.locator('[data-loading]:visible'), path).toHaveCount(0);
    await expect(page.locator('main form:visible'), path).toHaveCount(0);
  }
});
