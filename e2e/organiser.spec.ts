import type { Locator, Page } from '@playwright/test';
import { verifyAddress } from './site/database.ts';
import { createEvent, inDays, newWord, ORGANISER } from './site/organiser.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { refusal } from './site/problems.ts';
import { card, expectSeats, pressUntil, untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';

const PRICE = { amount: 2_000, currency: 'EUR' };

/** Fills in the required fields of an event; the other fields keep their defaults. */
async function describe(page: Page, title: string): Promise<void> {
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Place', { exact: true }).fill('Pier 7');
  await page.getByLabel('Starts').fill(inDays(9).slice(0, 16));
  await page.getByLabel('Seats', { exact: true }).fill('40');
}

/** Opens the list of the events with this word, and returns its notice of one new event. */
async function openList(page: Page, word: string): Promise<Locator> {
  await page.goto(`/?query=${word}`);
  await untilLive(page);
  await expect(page.getByText(/^No event matches/)).toBeVisible();
  return page.getByRole('status').filter({ hasText: '1 new event' });
}

test('a new event is announced to readers of the list and shown when they press Show', async ({ open }) => {
  const word = newWord();
  const [organiser, reader] = [await open(), await open()];
  await signInOrganiser(organiser);
  const offer = await openList(reader, word);
  await organiser.goto('/');
  await organiser.getByRole('navigation').getByRole('link', { name: 'Organise' }).click();
  await organiser.getByRole('link', { name: 'New event', exact: true }).click();
  await describe(organiser, `Open Mic ${word}`);

  await organiser.getByRole('button', { name: 'Create and publish' }).click();

  await expect(organiser.getByRole('heading', { level: 1, name: `Open Mic ${word}` })).toBeVisible();
  await expect(offer).toBeVisible();
  await expect(card(reader, `Open Mic ${word}`)).toHaveCount(0);
  await offer.getByRole('button', { name: 'Show' }).click();
  await expectSeats(card(reader, `Open Mic ${word}`), 40, 40);
  await expect(offer).toHaveCount(0);
});

test('a draft is visible to organisers only, until it is published', async ({ open }) => {
  const word = newWord();
  const [organiser, reader] = [await open(), await open()];
  await signInOrganiser(organiser);
  const offer = await openList(reader, word);
  await organiser.goto('/admin/events/new');
  await untilLive(organiser);
  await describe(organiser, `Ball ${word}`);
  await organiser.getByRole('button', { name: 'Save as draft' }).click();
  await expect(organiser.getByRole('main').getByText('Draft', { exact: true })).toBeVisible();
  const path = new URL(organiser.url()).pathname.replace('/admin', '');
  const stranger = await open({ allowed: [refusal(404, path, 'a draft')] });
  expect((await stranger.goto(path))?.status()).toBe(404);
  await expect(stranger.getByRole('link', { name: 'All events' })).toBeVisible();
  await expect(offer).toHaveCount(0);

  await organiser.getByRole('button', { name: 'Publish' }).click();

  await expect(organiser.getByText('Saved. Every screen shows it now.')).toBeVisible();
  await expect(offer).toBeVisible();
  await reader.goto(path);
  await expect(reader.getByRole('heading', { level: 1, name: `Ball ${word}` })).toBeVisible();
});

test('the form of a draft asks a signed-out visitor to sign in, and opens once an organiser has', async ({
  site,
  open,
}) => {
  const draft = await createEvent(site.organiser, { status: 'draft' });
  const page = await open();
  await page.goto(`/admin/events/${draft.id}`);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('main').getByRole('link', { name: 'Use your password' }).click();
  await page.getByLabel('Email').fill(ORGANISER.email);
  await page.getByLabel('Password').fill(ORGANISER.password);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: draft.title })).toBeVisible();
  await expect(page).toHaveURL(`/admin/events/${draft.id}`);
});

test('the form of a draft opens for a user who is made an organiser while the page is open', async ({ site, open }) => {
  const draft = await createEvent(site.organiser, { status: 'draft' });
  const page = await open();
  const { email } = await signUp(page);
  await page.goto(`/admin/events/${draft.id}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Only organisers can open this page.' })).toBeVisible();
  await untilLive(page);
  await verifyAddress(site.mongoUri, email);
  await site.organiser.must('setRole', { email, role: 'admin' });
  await expect(page.getByRole('heading', { level: 1, name: draft.title })).toBeVisible();
});

test('an organiser’s page of an event that does not exist says so, and is loaded once', async ({ open }) => {
  const path = `/admin/events/${'0'.repeat(24)}`;
  const page = await open({ allowed: [refusal(404, path.replace('/admin', '/api'), 'an event that does not exist')] });
  await signInOrganiser(page);
  const loads: string[] = [];
  page.on('domcontentloaded', (loaded) => loads.push(loaded.url()));
  await page.goto(path);
  await untilLive(page);
  await expect(page.getByRole('link', { name: 'All events' })).toBeVisible();
  expect(loads).toHaveLength(1);
});

test('a new title and price appear at once on an event’s open page', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const [organiser, reader] = [await open(), await open()];
  await signInOrganiser(organiser);
  await reader.goto(`/events/${event.id}`);
  await untilLive(reader);
  await organiser.goto(`/admin/events/${event.id}`);
  await untilLive(organiser);
  await organiser.getByLabel('Title').fill(`${event.title}, with strings`);
  await organiser.getByLabel('Price per seat').fill('25');
  await organiser.getByRole('button', { name: 'Save changes' }).click();

  await expect(organiser.getByText('Saved. Every screen shows it now.')).toBeVisible();
  await expect(reader.getByRole('heading', { level: 1, name: `${event.title}, with strings` })).toBeVisible();
  await expect(reader.getByText('€25.00 per seat, all taxes and fees included')).toBeVisible();
  await expect(reader.getByText('€50.00')).toBeVisible();
});

test('a buyer whose page missed the push of a new price sees both prices and must accept the new one', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open();
  let hasRead = false;
  // The push of the edit does not reach this buyer's page.
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      hasRead ||= /^43/.test(String(message)) && String(message).includes(event.id);
      if (!String(message).includes('"eventChanged"')) socket.send(message);
    });
  });
  await signUp(page);
  hasRead = false;
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  // The page reads the event once it is live: a read after the edit would return the new price.
  await expect.poll(() => hasRead).toBe(true);
  const { revision, id: eventId } = event;
  await site.organiser.must('updateEvent', { eventId, revision, changes: { price: { ...PRICE, amount: 2_500 } } });

  const asked = page.getByText('The price changed from €20.00 to €25.00 per seat. Nothing was booked yet.');
  await pressUntil(page, 'Hold 2 seats', asked);
  await page.getByRole('button', { name: 'Continue at €25.00' }).click();

  await expect(page.getByRole('heading', { name: 'You hold 2 seats' })).toBeVisible();
  await expect(page.getByRole('main').getByText('€50.00', { exact: true })).toBeVisible();
});

test('a total below the seats sold is refused at its field in the form of an event', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const [organiser, buyer] = [await open(), await open()];
  await signInOrganiser(organiser);
  await signUp(buyer);
  await buyer.goto(`/events/${event.id}`);
  await pressUntil(buyer, 'Book 2 seats', buyer.getByRole('heading', { name: 'You have 2 seats' }));
  await organiser.goto(`/admin/events/${event.id}`);
  await untilLive(organiser);
  const seats = organiser.getByLabel('Seats', { exact: true });
  await seats.fill('1');
  await organiser.getByRole('button', { name: 'Save changes' }).click();
  await expect(seats).toHaveAccessibleDescription(/At least 2/);
  await expect(seats).toBeFocused();
});

test('a user who is no organiser sees a notice instead of the organisers’ pages', async ({ open }) => {
  const [signedOut, buyer] = [await open(), await open()];
  await signUp(buyer);
  for (const path of ['/admin', '/admin/events/new']) {
    await signedOut.goto(path);
    await expect(signedOut.getByText('Sign in as an organiser to open this page.')).toBeVisible();
    await buyer.goto(path);
    await expect(buyer.getByText('Only organisers can open this page.')).toBeVisible();
    for (const page of [signedOut, buyer]) await expect(page.getByRole('main').getByRole('textbox')).toHaveCount(0);
  }
  await expect(buyer.getByRole('navigation').getByRole('link', { name: 'Organise' })).toHaveCount(0);
});
