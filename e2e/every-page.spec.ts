import { randomUUID } from 'node:crypto';
import type { Event } from '#shared/event.ts';
import { barriersOn, expectGoodPage } from './site/good-page.ts';
import { createEvent, inDays } from './site/organiser.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { refusal } from './site/problems.ts';
import { book, pressUntil } from './site/seats.ts';
import { expect, test, type Site } from './site/test.ts';
import { createSoldOut } from './site/waitlist.ts';

const TITLE = 'Donaudampfschifffahrtsgesellschaftskonzert';
const PRICE = { amount: 123_456_789, currency: 'EUR' };

/** Creates events of each kind, with words and numbers of the greatest length. */
async function createProgramme({ organiser }: Site): Promise<Event[]> {
  const venue = 'Anlegestelle Steinerne Brücke, Regensburg';
  const { event: soldOut } = await createSoldOut({ organiser }, { title: `${TITLE}, ausverkauft`, venue });
  const salesOpenAt = inDays(1);
  return [
    soldOut,
    await createEvent(organiser, { title: TITLE, venue, totalSeats: 1_000_000, price: PRICE }),
    await createEvent(organiser, { title: `${TITLE}, demnächst`, venue, salesOpenAt }),
    await createEvent(organiser, { title: `${TITLE}, Entwurf`, venue, status: 'draft' }),
  ];
}

// axe checks each page in light and dark, and each page is loaded again in German.
test.setTimeout(120_000);

test('lists and event pages have no accessibility violations, in light and dark, and fit 320 px', async ({
  site,
  open,
}) => {
  const [soldOut, priced, before] = await createProgramme(site);
  const page = await open();
  await expectGoodPage(page, '/', 'free');
  await expectGoodPage(page, '/?free=true&available=true', 'free');
  await expectGoodPage(page, '/?when=past&query=nothing', 'No event matches');
  await expectGoodPage(page, `/events/${soldOut?.id}`, 'Sold out');
  await expectGoodPage(page, `/events/${priced?.id}`, 'You only need your mail address');
  await expectGoodPage(page, `/events/${before?.id}`, 'Sale opens');
});

test('a buyer’s pages have no accessibility violations, in light and dark, and fit 320 px', async ({ site, open }) => {
  const [, priced] = await createProgramme(site);
  const free = await createEvent(site.organiser, { title: TITLE });
  const page = await open({ allowed: [refusal(404, '(?:/de)?/nowhere', 'an address without a page')] });
  for (const path of ['/login', '/register']) {
    await expectGoodPage(page, path, 'Send code');
    await expectGoodPage(page, `${path}?with=password`, 'Password');
  }
  await expectGoodPage(page, '/forgot', 'Send link');
  await expectGoodPage(page, '/offline', 'No connection');
  await expectGoodPage(page, '/privacy', 'What is stored about you');
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
  await expectGoodPage(page, '/account', 'Change password');
});

test('an organiser’s pages have no accessibility violations, in light and dark, and fit 320 px', async ({
  site,
  open,
}) => {
  const [, priced, , draft] = await createProgramme(site);
  const page = await open();
  await signInOrganiser(page);
  await expectGoodPage(page, `/admin?query=${TITLE}`, TITLE);
  await expectGoodPage(page, '/admin/events/new', 'What and where');
  for (const event of [priced, draft]) await expectGoodPage(page, `/admin/events/${event?.id}`, 'What and where');
});

test('the pages of an event’s sale have no accessibility violations, in light and dark, and fit 320 px', async ({
  site,
  open,
}) => {
  const [soldOut] = await createProgramme(site);
  const page = await open();
  await signInOrganiser(page);
  await expectGoodPage(page, `/admin/events/${soldOut?.id}/sales`, 'Seats sold over time');
  await expectGoodPage(page, `/admin/events/${soldOut?.id}/bookings`, '2 bookings');
  await expectGoodPage(page, `/admin/events/${soldOut?.id}/door`, '0 of 4 inside');
  await expectGoodPage(page, '/admin/roles', 'Make organiser');
});

test('a dialog has no accessibility violations, takes the focus, and returns it when it closes', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  await signUp(page);
  await book(page, event.id);
  const opener = page.getByRole('button', { name: 'Cancel booking' });
  await opener.click();
  const dialog = page.getByRole('dialog', { name: 'Cancel this booking?' });
  await expect(dialog.getByRole('button', { name: 'Keep booking' })).toBeFocused();
  expect(await barriersOn(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
});
