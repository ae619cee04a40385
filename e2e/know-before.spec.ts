import { expectGoodState, overflowOf } from './site/good-page.ts';
import { shiftEvent } from './site/database.ts';
import { createEvent, inDays, newWord } from './site/organiser.ts';
import { card, untilLive } from './site/seats.ts';
import { expect, SCREENS, test } from './site/test.ts';

const DETAILS = {
  venue: 'Alte Schlosserei',
  city: 'Köln',
  address: 'Hofstraße 3, 50667 Köln',
  minAge: 16,
  accessInfo: 'Step-free.\nA hearing loop.',
  seating: 'Free seating',
  category: 'Music',
  tags: ['Live', 'Outdoors'],
};

for (const [screen, options] of Object.entries(SCREENS)) {
  test(`an event’s page says address, doors, age, accessibility and seating in one list, and loads no map (${screen})`, async ({
    site,
    open,
  }) => {
    const startsAt = inDays(14);
    const doorsAt = new Date(Date.parse(startsAt) - 60 * 60_000).toISOString();
    const event = await createEvent(site.organiser, { ...DETAILS, startsAt, doorsAt });
    const page = await open(options);
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(site.url) && !request.url().startsWith(site.url.replace('http', 'ws')))
        foreign.push(request.url());
    });
    await page.goto(`/events/${event.id}`);
    await untilLive(page);
    const facts = page.getByRole('main').locator('dl').first();
    for (const name of ['When', 'Doors', 'Where', 'Price', 'Age', 'Seating', 'Accessibility'])
      await expect(facts.locator('dt', { hasText: name }).first(), name).toBeVisible();
    expect(await facts.locator('dt svg').count(), 'a sign each').toBe(await facts.locator('dt').count());
    const doors = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: event.timeZone });
    await expect(facts.locator('dd').nth(1)).toContainText(doors.format(new Date(doorsAt)));
    for (const text of ['Hofstraße 3, 50667 Köln', 'From 16', 'Free seating', 'Step-free.', 'A hearing loop.'])
      await expect(facts).toContainText(text);
    const maps = facts.locator('dd').filter({ hasText: 'Hofstraße' }).getByRole('link');
    expect(await maps.count(), 'maps to choose from').toBeGreaterThan(1);
    for (const href of await maps.evaluateAll((links) => links.map((one) => one.getAttribute('href') ?? '')))
      expect(decodeURIComponent(href.replaceAll('+', ' '))).toContain('Hofstraße 3');
    for (const word of ['Music', 'Live', 'Outdoors'])
      await expect(facts.getByRole('link', { name: word })).toBeVisible();
    await expectGoodState(page, 'an event with all details');
    expect(await overflowOf(page)).toEqual([]);
    expect(foreign).toEqual([]);
  });
}

test('an event is in the reader’s calendar before anything is booked, without scripts too', async ({ site, open }) => {
  const event = await createEvent(site.organiser, DETAILS);
  const page = await open({ javaScriptEnabled: false });
  await page.goto(`/events/${event.id}`);
  await expect(page.getByRole('link', { name: 'Add to calendar' })).toBeVisible();
  const href = (await page.locator(`a[href$="/events/${event.id}/event.ics"]`).getAttribute('href')) ?? '';
  const file = await (await page.context().request.get(href)).text();
  expect(file.replaceAll('\r\n ', '')).toContain('LOCATION:Alte Schlosserei\\, Hofstraße 3\\, 50667 Köln');
});

test('the calendar and both feeds below a filtered list have its filters, in both languages', async ({
  site,
  open,
}) => {
  const word = newWord();
  await createEvent(site.organiser, { title: `Here ${word}`, city: 'Köln' });
  await createEvent(site.organiser, { title: `There ${word}`, city: 'Bonn' });
  const page = await open({ javaScriptEnabled: false });
  for (const prefix of ['', '/de']) {
    await page.goto(`${prefix}/?query=${word}&city=koln`);
    for (const file of ['calendar.ics', 'feed.xml', 'rss.xml']) {
      const href = (await page.locator(`.subscribe a[href*="${file}"]`).getAttribute('href')) ?? '';
      expect(href).toMatch(new RegExp(`^${prefix}/${file}`));
      const text = await (await page.context().request.get(href)).text();
      expect([file, text.includes(`Here ${word}`), text.includes(`There ${word}`)]).toEqual([file, true, false]);
    }
  }
});

test('a running event says on its card until when it goes on, and a tag leads to the events that have it', async ({
  site,
  open,
}) => {
  const word = newWord();
  const event = await createEvent(site.organiser, {
    title: `Lines ${word}`,
    startsAt: inDays(1),
    endsAt: inDays(30),
    tags: [word],
  });
  const other = await createEvent(site.organiser, { title: `Dots ${word}`, tags: [word] });
  await shiftEvent(site.mongoUri, event.id, { startsAt: inDays(-2), endsAt: inDays(30) });
  const page = await open();
  const until = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: event.timeZone });
  await expect(async () => {
    await page.goto(`/?query=${word}`);
    await expect(card(page, event.title)).toContainText('On now', { timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  await expect(card(page, event.title)).toContainText(until.format(new Date(inDays(30))).split(' ')[0] ?? '');
  await page.goto(`/events/${other.id}`);
  await page.getByRole('main').locator('dl').getByRole('link', { name: word }).click();
  await expect(page).toHaveURL(`/?tag=${word}`);
  await expect(page.getByRole('article')).toHaveCount(2);
});

test('the map that a reader has followed comes first at every other event, and nothing is loaded from it before', async ({
  site,
  open,
}) => {
  const [one, two] = [await createEvent(site.organiser, DETAILS), await createEvent(site.organiser, DETAILS)];
  const page = await open();
  const maps = page.getByRole('main').locator('dd').filter({ hasText: 'Hofstraße' }).getByRole('link');
  await page.context().route(/google|openstreetmap|apple/, (route) => route.fulfill({ body: 'a map' }));
  await page.goto(`/events/${one.id}`);
  await untilLive(page);
  await expect(maps.first()).toHaveText('OpenStreetMap');
  const tab = page.context().waitForEvent('page');
  await maps.filter({ hasText: 'Google Maps' }).click();
  await (await tab).close();
  await expect(maps.first(), 'no link moves under the pointer').toHaveText('OpenStreetMap');
  await page.goto(`/events/${two.id}`);
  await expect(maps.first()).toHaveText('Google Maps');
  await expect(maps).toHaveCount(4);
});
