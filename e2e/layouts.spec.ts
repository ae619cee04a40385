import { expectGoodPage } from './site/good-page.ts';
import { createEvent } from './site/organiser.ts';
import { untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';

const LAYOUTS = [1, 2, 3];
/** Of the invented programme: no search finds an event. */
const OF_SAMPLES = '?query=nothing-has-this-name';
const LONGEST = 'Donaudampfschifffahrtsgesellschaftskonzert mit Rahmenprogramm';

// axe checks each page in light and dark, and each page is loaded again in German.
test.setTimeout(120_000);

for (const number of LAYOUTS) {
  test(`layout ${number} of the list shows every kind of event, without accessibility violations or overflow`, async ({
    open,
  }) => {
    const page = await open();
    const path = `/design/list/${number}`;
    await expectGoodPage(page, path, /free|Sold out/);
    await page.goto(path + OF_SAMPLES);
    await untilLive(page);
    await expect(page.getByRole('article')).toHaveCount(11);
    await expectGoodPage(page, path + OF_SAMPLES, LONGEST);
  });

  test(`layout ${number} of an event’s page has poster, panel and facts, without accessibility violations or overflow`, async ({
    site,
    open,
  }) => {
    const page = await open();
    await expectGoodPage(page, `/design/event/${number}`, LONGEST);
    const event = await createEvent(site.organiser);
    await page.goto(`/design/event/${number}?event=${event.id}`);
    await untilLive(page);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(event.title);
    await expect(page.getByRole('complementary', { name: 'Booking' })).toContainText('free');
  });
}

test('an address of no layout is a missing page', async ({ open }) => {
  const page = await open();
  for (const path of ['/design/list/4', '/design/event/x']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is nothing here.');
  }
});

test('no other page loads what the layouts are made of', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  const texts: Promise<string>[] = [];
  page.on('response', (response) => {
    if (/\.js$/.test(new URL(response.url()).pathname)) texts.push(response.text());
  });
  const loadedAt = async (path: string) => {
    texts.length = 0;
    await page.goto(path);
    await untilLive(page);
    await page.waitForLoadState('networkidle');
    return (await Promise.all(texts)).join('\n');
  };
  expect(await loadedAt('/design/list/2')).toContain(LONGEST);
  for (const path of ['/', `/events/${event.id}`]) expect(await loadedAt(path), path).not.toContain(LONGEST);
});
