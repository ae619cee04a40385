import { shiftEvent } from './site/database.ts';
import { expectGoodPage, overflowOf } from './site/good-page.ts';
import { createEvent, inDays, newWord } from './site/organiser.ts';
import { signInOrganiser } from './site/people.ts';
import { refusal } from './site/problems.ts';
import { card, untilLive } from './site/seats.ts';
import { expect, PHONE, test, type Site } from './site/test.ts';

const pathOf = (name: string) => `/organisers/${encodeURIComponent(name)}`;

/** Creates two coming events and one that is over, of an organiser with a name of its own. */
async function createProgramme({ organiser, mongoUri }: Site) {
  const name = `Kultur & Söhne / ${newWord()}`;
  const first = await createEvent(organiser, { title: `Jazz of ${name}`, organiser: name, startsAt: inDays(2) });
  const second = await createEvent(organiser, { title: `Blues of ${name}`, organiser: name.toUpperCase() });
  const over = await createEvent(organiser, { title: `Past of ${name}`, organiser: name });
  await shiftEvent(mongoUri, over.id, { startsAt: inDays(-20), endsAt: inDays(-20) });
  return { name, first, second, over };
}

test('an event names its organiser, whose page has the coming events, live, and the past ones behind a link', async ({
  site,
  open,
}) => {
  const { name, first, over } = await createProgramme(site);
  const page = await open();
  await page.goto(`/events/${first.id}`);
  await page.getByRole('link', { name: `By ${name}` }).click();
  await expect(page).toHaveURL(pathOf(name));
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await untilLive(page);
  await expect(page.getByRole('article')).toHaveCount(2);
  await expect(page.getByRole('article').first(), 'the soonest first').toContainText('Jazz');

  const other = await createEvent(site.organiser, { title: 'Somebody else’s' });
  await createEvent(site.organiser, { title: `New of ${name}`, organiser: name.toLowerCase(), startsAt: inDays(1) });
  await page.getByText('1 new event').waitFor();
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(card(page, `New of ${name}`)).toBeVisible();
  await expect(card(page, other.title)).toHaveCount(0);

  await expect(async () => {
    await page.reload();
    await page.getByRole('link', { name: '1 past event' }).click({ timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  await expect(page).toHaveURL(`${pathOf(name)}?when=past`);
  await expect(page.getByRole('article')).toHaveCount(1);
  await expect(card(page, over.title)).toBeVisible();
  await page.getByRole('link', { name: 'Upcoming events' }).click();
  await expect(page).toHaveURL(pathOf(name));
});

test('an organiser’s page works without scripts, in German too, with calendar, feeds and structured data of its own', async ({
  site,
  open,
}) => {
  const { name, first, second } = await createProgramme(site);
  const elsewhere = await createEvent(site.organiser, { title: `Elsewhere ${newWord()}` });
  const page = await open({ viewport: PHONE, javaScriptEnabled: false });
  const request = page.context().request;
  for (const [prefix, by] of [
    ['', 'By'],
    ['/de', 'Von'],
  ] as const) {
    await page.goto(`${prefix}/events/${second.id}`);
    await page.getByRole('link', { name: `${by} ${name.toUpperCase()}` }).click();
    await expect(page).toHaveURL(prefix + pathOf(name.toUpperCase()));
    await expect(page.getByRole('article')).toHaveCount(2);
    expect(await overflowOf(page)).toEqual([]);
    const canonical = page.locator('link[rel=canonical]');
    await expect(canonical, 'one address for all spellings').toHaveAttribute('href', site.url + prefix + pathOf(name));
    const types = ['application/atom+xml', 'application/rss+xml'];
    for (const type of types) await expect(page.locator(`head link[type="${type}"]`)).toHaveCount(1);
    for (const file of ['calendar.ics', 'feed.xml', 'rss.xml']) {
      const href = (await page.locator(`.subscribe a[href*="${file}"]`).getAttribute('href')) ?? '';
      expect(href).toMatch(new RegExp(`^${prefix}/${file}`));
      const text = (await (await request.get(href)).text()).replaceAll('\r\n ', '');
      const has = [first, second, elsewhere].map(({ id }) => text.includes(id));
      expect([file, ...has]).toEqual([file, true, true, false]);
    }
    const data = (await page.locator('script[type="application/ld+json"]').textContent()) ?? '';
    expect(JSON.parse(data)).toMatchObject({
      '@type': 'Organization',
      name,
      url: site.url + prefix + pathOf(name),
      event: [{ name: first.title, startDate: expect.stringMatching(/[+]0[12]:00$/) }, { name: second.title }],
    });
  }
  const event = await page.goto(`/events/${first.id}`);
  expect(event?.status()).toBe(200);
  const data = (await page.locator('script[type="application/ld+json"]').textContent()) ?? '';
  expect(JSON.parse(data)).toMatchObject({ organizer: { name, url: site.url + pathOf(name) } });
});

test('an organiser’s page has no accessibility violations, and a name without a published event is a 404 with the next events', async ({
  site,
  open,
}) => {
  const { name } = await createProgramme(site);
  const hidden = `Hidden ${newWord()}`;
  await createEvent(site.organiser, { organiser: hidden, status: 'draft' });
  const page = await open({ allowed: [refusal(404, pathOf(hidden), 'no published event')] });
  await expectGoodPage(page, pathOf(name), 'Jazz');
  const missing = await page.goto(pathOf(hidden));
  expect(missing?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'Next events' })).toBeVisible();
  await expect(page.getByRole('article').first()).toBeVisible();
});

test('an organiser whose events are all over has a page that leads to them', async ({ site, open }) => {
  const name = `Over ${newWord()}`;
  const { id } = await createEvent(site.organiser, { organiser: name });
  await shiftEvent(site.mongoUri, id, { startsAt: inDays(-20), endsAt: inDays(-20) });
  const page = await open();
  await expect(async () => {
    await page.goto(pathOf(name));
    await expect(page.getByText('Nothing is planned at the moment.')).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  await page.getByRole('link', { name: '1 past event' }).click();
  await expect(page.getByRole('article')).toHaveCount(1);
});

test('the form of an event takes the organiser, with the names that are used already to choose from', async ({
  site,
  open,
}) => {
  const name = `Verein ${newWord()}`;
  await createEvent(site.organiser, { organiser: name });
  const event = await createEvent(site.organiser);
  const page = await open();
  await signInOrganiser(page);
  await expect(async () => {
    await page.goto(`/admin/events/${event.id}`);
    await expect(page.locator(`datalist option[value="${name}"]`)).toHaveCount(1, { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await untilLive(page);
  await page.getByLabel('Organiser (optional)').fill(name);
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('Saved. Every screen shows it now.')).toBeVisible();
  expect(await site.organiser.must('getEvent', { eventId: event.id })).toMatchObject({ organiser: name });
});
