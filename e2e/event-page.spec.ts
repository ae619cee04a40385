import sharp from 'sharp';
import { makeSample } from './site/database.ts';
import { createEvent, inDays, newWord } from './site/organiser.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { book, card, untilLive } from './site/seats.ts';
import { expect, PHONE, test } from './site/test.ts';

const NASTY = '</script><script>document.title = "stolen"</script> & "Söhne"';

test('an event’s page has its link preview and its structured data before any script runs', async ({ site, open }) => {
  const event = await createEvent(site.organiser, {
    title: NASTY,
    description: `${NASTY} ${'la '.repeat(100)}`,
    price: { amount: 2_550, currency: 'EUR' },
  });
  const page = await open({ javaScriptEnabled: false });
  await page.goto(`/de/events/${event.id}?utm=1`);
  const content = (name: string) => page.locator(`meta[property="${name}"], meta[name="${name}"]`);
  await expect(content('og:title')).toHaveAttribute('content', NASTY);
  await expect(content('og:type')).toHaveAttribute('content', 'website');
  await expect(content('og:url')).toHaveAttribute('content', `${site.url}/de/events/${event.id}`);
  await expect(content('og:locale')).toHaveAttribute('content', 'de_DE');
  for (const name of ['description', 'og:description'])
    await expect(content(name)).toHaveAttribute('content', new RegExp(`${event.venue} · 25,50.€`));
  await expect(page.locator('link[rel=canonical]')).toHaveAttribute('href', `${site.url}/de/events/${event.id}`);
  await expect(page.locator('link[hreflang=x-default]')).toHaveAttribute('href', `${site.url}/events/${event.id}`);
  const data = page.locator('script[type="application/ld+json"]');
  await expect(data).toHaveCount(1);
  expect(JSON.parse((await data.textContent()) ?? '')).toMatchObject({
    '@type': 'Event',
    name: NASTY,
    startDate: expect.stringMatching(/[+]0[12]:00$/),
    url: `${site.url}/de/events/${event.id}`,
    offers: [{ price: '25.50', priceCurrency: 'EUR', availability: 'https://schema.org/InStock' }],
  });
});

test('the link preview of an event has a picture of the stated size, below 100 kB, at an absolute address', async ({
  site,
  request,
}) => {
  const event = await createEvent(site.organiser);
  // A forged host must not change the address of the picture.
  const answer = await request.get(`/de/events/${event.id}`, { headers: { 'x-forwarded-host': 'evil.example.org' } });
  const html = await answer.text();
  const tag = (name: string) =>
    new RegExp(`<meta (?:property|name)="${name}" content="([^"]*)"`).exec(html)?.[1] ?? `no ${name}`;
  const address = tag('og:image').replaceAll('&amp;', '&');
  expect(address).toBe(`${site.url}/api/events/${event.id}/card.jpg?revision=1&locale=de`);
  expect(tag('og:image:alt')).toContain(event.title);
  expect(tag('twitter:card')).toBe('summary_large_image');

  const picture = await fetch(address);
  expect(picture.headers.get('content-type')).toBe('image/jpeg');
  expect(picture.headers.get('cache-control')).toMatch(/max-age=31536000.*immutable/);
  const bytes = Buffer.from(await picture.arrayBuffer());
  expect(bytes.byteLength).toBeLessThan(150_000);
  const { width, height } = await sharp(bytes).metadata();
  expect([width, height].map(String)).toEqual([tag('og:image:width'), tag('og:image:height')]);
});

test('markup in an event’s title and texts stays text when scripts run, and the structured data stays single', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { title: NASTY, description: NASTY, venue: NASTY });
  const page = await open();
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(NASTY);
  await expect(page).toHaveTitle(`${NASTY} · Frontrow`);
  await expect(page.locator('script[type="application/ld+json"]')).toHaveCount(1);
});

test('an event’s page shows times of the venue, and the reader’s times too where the two differ', async ({
  site,
  open,
}) => {
  const startsAt = `${inDays(30).slice(0, 10)}T18:00:00.000Z`;
  const event = await createEvent(site.organiser, { startsAt, timeZone: 'Asia/Tokyo' });
  const far = await open({ viewport: PHONE, timezoneId: 'America/Los_Angeles' });
  await far.goto(`/events/${event.id}`);
  await untilLive(far);
  await expect(far.locator('dl time')).toContainText('03:00');
  // In Los Angeles the event starts on the day before.
  await expect(far.locator('dl').getByText('your time')).toHaveText(/^\w{3},? \d+ \w+,? 1[01]:00 your time$/);
  // Deadlines are in the reader's time, with the venue's time in brackets.
  await expect(far.locator('dl')).toContainText(/Free of charge until [^(]+ \([^)]*03:00\s(JST|GMT\+9)\)/);
  await expect(far.locator('dl')).toContainText(/Until [^(]+ \([^)]*03:00\s(JST|GMT\+9)\)/);
  const near = await open({ timezoneId: 'Asia/Tokyo' });
  await near.goto(`/events/${event.id}`);
  await untilLive(near);
  await expect(near.getByText('your time')).toHaveCount(0);
  await expect(near.locator('dl')).not.toContainText('(');
});

test('one press of the share button copies the link to the event', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await page.getByRole('button', { name: 'Share this event' }).click();
  await expect(page.getByText('Link copied.')).toBeVisible();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${site.url}/events/${event.id}`);
});

test('one press is enough to hold, to continue to the payment, and to book an event opened from the list', async ({
  site,
  open,
}) => {
  const [priced, free] = [
    await createEvent(site.organiser, { price: { amount: 2_000, currency: 'EUR' } }),
    await createEvent(site.organiser),
  ];
  const page = await open();
  await signUp(page);
  const press = (name: string) => page.getByRole('button', { name }).click();
  await page.goto(`/events/${priced.id}`);
  await press('Hold 2 seats');
  await press('Continue to payment');
  await expect(page).toHaveURL(/\/demo-payment\//);

  await page.goto(`/?query=${encodeURIComponent(free.title)}`);
  await page.getByRole('link', { name: free.title }).click();
  await press('Book 2 seats');
  await expect(page.getByRole('heading', { name: 'You have 2 seats' })).toBeVisible();
});

test('a sample event says so in the list and on its page, without scripts too, until an organiser edits it', async ({
  site,
  open,
}) => {
  const title = newWord();
  const event = await createEvent(site.organiser, { title });
  await makeSample(site.mongoUri, event.id);
  const plain = await open({ javaScriptEnabled: false });
  await plain.goto(`/?query=${title}`);
  await expect(card(plain, title)).toContainText('Sample event');
  await plain.goto(`/de/events/${event.id}`);
  await expect(plain.getByRole('main')).toContainText('Diese Veranstaltung findet nicht statt');
  await expect(plain.locator('meta[name=robots]')).toHaveAttribute('content', 'noindex');
  await expect(plain.locator('script[type="application/ld+json"]')).toHaveCount(0);

  const page = await open();
  await signInOrganiser(page);
  await page.goto(`/admin?query=${title}`);
  await expect(page.getByRole('main').getByRole('listitem')).toContainText('Sample event');
  await page.goto(`/admin/events/${event.id}`);
  await untilLive(page);
  await expect(page.getByText('With your first change it becomes an event like any other')).toBeVisible();
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  const note = page.getByText('it does not take place');
  await expect(note).toBeVisible();

  const buyer = await open();
  await signUp(buyer);
  await book(buyer, event.id);
  await buyer.getByRole('main').getByRole('link', { name: 'Open ticket' }).click();
  await expect(buyer.getByRole('article')).toContainText('Sample event · Made up for a first look');
  await buyer.goto('/bookings');
  await expect(card(buyer, title)).toContainText('Sample event');
  await site.organiser.must('updateEvent', { eventId: event.id, revision: 1, changes: { venue: 'Pier 9' } });
  await expect(page.getByText('Pier 9').first()).toBeVisible();
  await expect(note).toHaveCount(0);
  await expect(card(buyer, title)).not.toContainText('Sample event');
});
