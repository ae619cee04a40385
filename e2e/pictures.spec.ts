import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { photograph, plainPicture } from '../server/test/support/uploads.ts';
import { expectGoodState, overflowOf } from './site/good-page.ts';
import { createEvent, newWord, untilListed } from './site/organiser.ts';
import { signInOrganiser } from './site/people.ts';
import { putPicture, twoColours } from './site/pictures.ts';
import { refusal } from './site/problems.ts';
import { card, untilLive } from './site/seats.ts';
import { expect, SCREENS, test, type OpenOptions, type Site } from './site/test.ts';

const pictureOf = (page: Page, alt: string) => page.getByRole('img', { name: alt });
const section = (page: Page) => page.getByRole('region', { name: 'Picture' });

async function openEditor(site: Site, open: (options?: OpenOptions) => Promise<Page>, options: OpenOptions = {}) {
  const event = await createEvent(site.organiser);
  const page = await open(options);
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}`);
  await untilLive(page);
  const choose = (name: string, buffer: Buffer, mimeType = 'image/png') =>
    section(page).getByLabel('Choose').setInputFiles({ name, mimeType, buffer });
  const stored = async () => (await site.organiser.must('getEvent', { eventId: event.id })).image;
  return { event, page, choose, stored };
}

/** Waits until the browser has decoded the picture; resolves with the address of the file that it chose. */
async function loadedFile(page: Page, alt: string): Promise<string> {
  const read = () =>
    pictureOf(page, alt).evaluate((img) => {
      const { naturalWidth, currentSrc } = img as unknown as { naturalWidth: number; currentSrc: string };
      return naturalWidth > 0 ? currentSrc : '';
    });
  await expect.poll(read).not.toBe('');
  return read();
}

test('an organiser gives an event a picture by keyboard: file, focus and words, and every screen shows it', async ({
  site,
  open,
}) => {
  const { event, page, choose, stored } = await openEditor(site, open);
  const visitor = await open();
  await visitor.goto(`/?query=${encodeURIComponent(event.title)}`);
  await untilLive(visitor);
  await expect(section(page)).toContainText('at most 15 MB');
  await choose('stage.png', await twoColours());
  await section(page).getByRole('button', { name: 'Save picture' }).click();
  await expect(section(page)).toContainText('Say what the picture shows.');
  await expect(page.getByLabel('What the picture shows')).toBeFocused();
  await page.getByLabel('What the picture shows').fill('A blue and a red wall');
  const focus = page.getByRole('slider', { name: 'What stays visible where the picture is cropped' });
  await focus.focus();
  for (let press = 0; press < 12; press += 1) await page.keyboard.press('ArrowRight');
  await expect(focus).toHaveAttribute('aria-valuetext', '100 % from the left, 50 % from the top');
  await expectGoodState(page, 'the form with a chosen picture');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(section(page)).toContainText('The picture is saved. Every screen shows it now.');
  expect(await stored()).toMatchObject({ alt: 'A blue and a red wall', focusX: 1, focusY: 0.5, width: 1_600 });

  await expect(pictureOf(visitor, 'A blue and a red wall')).toBeVisible();
  expect(await loadedFile(visitor, 'A blue and a red wall')).toMatch(/-480\.avif$/);
  await visitor.goto(`/events/${event.id}`);
  await loadedFile(visitor, 'A blue and a red wall');

  await section(page).getByRole('button', { name: 'Remove picture' }).click();
  await expect(section(page)).toContainText('The picture is removed.');
  expect(await stored()).toBeNull();
  await expect(pictureOf(visitor, 'A blue and a red wall')).toHaveCount(0);
});

test('a picture of twelve megabytes goes up from a phone, its focus set by a finger', async ({ site, open }) => {
  const { page, choose, stored } = await openEditor(site, open, SCREENS.phone);
  await choose('IMG_0042.jpg', await photograph(), 'image/jpeg');
  const focus = page.getByRole('slider', { name: 'What stays visible where the picture is cropped' });
  const { width, height } = (await focus.boundingBox()) ?? { width: 0, height: 0 };
  await focus.tap({ position: { x: width * 0.25, y: height * 0.75 } });
  await page.getByLabel('What the picture shows').fill('Fog');
  expect(await overflowOf(page)).toEqual([]);
  await section(page).getByRole('button', { name: 'Save picture' }).tap();
  await expect(section(page)).toContainText('The picture is saved.', { timeout: 60_000 });
  expect(await stored()).toMatchObject({ focusX: expect.closeTo(0.25, 1), focusY: expect.closeTo(0.75, 1) });
});

test('files that are no picture are refused in words: before the upload where the browser knows, else after', async ({
  site,
  open,
}) => {
  const allowed = [refusal(400, '/api/events/[0-9a-f]+/image', 'files that are no pictures')];
  const { page, choose, stored } = await openEditor(site, open, { allowed });
  const says = (words: string) => expect(section(page).getByRole('alert')).toContainText(words);
  await choose('photo.heic', Buffer.from('x'), 'image/heic');
  await says('photographs in HEIC can be exported as JPEG');
  await choose('large.jpg', Buffer.alloc(15_000_001), 'image/jpeg');
  await says('The file is larger than 15 MB.');
  await choose('small.png', await plainPicture(300, 300));
  await page.getByLabel('What the picture shows').fill('A leaf');
  await section(page).getByRole('button', { name: 'Save picture' }).click();
  await says('it needs at least 320 pixels on each side');
  await choose('long.png', await plainPicture(330, 1_400));
  await page.getByLabel('What the picture shows').fill('A leaf');
  await section(page).getByRole('button', { name: 'Save picture' }).click();
  await says('no side may be more than 4 times the other');
  expect(await stored()).toBeNull();
});

test('an upload is sent again after a lost connection, and edits the event once', async ({ site, open }) => {
  const lost = { reason: 'the test cuts the upload', pattern: /net::ERR_FAILED/, isCertain: true };
  const { event, page, choose } = await openEditor(site, open, { allowed: [lost] });
  await choose('stage.png', await twoColours());
  await page.getByLabel('What the picture shows').fill('Walls');
  let cuts = 0;
  await page.route(/\/image\?/, async (route) => {
    cuts += 1;
    // The second answer is lost on its way back.
    if (cuts === 2) await route.fetch();
    await (cuts > 2 ? route.continue() : route.abort());
  });
  await section(page).getByRole('button', { name: 'Save picture' }).click();
  await expect(section(page)).toContainText('The picture is saved.');
  expect(cuts).toBe(3);
  const { revision, image } = await site.organiser.must('getEvent', { eventId: event.id });
  expect([revision, image?.alt]).toEqual([event.revision + 1, 'Walls']);
});

/** Greatest sum of the layout shifts, in the unit of the browser's layout-shift entries. */
const MOST_SHIFT = 0.02;

for (const [name, screen] of Object.entries(SCREENS)) {
  test(`pictures that come late move nothing on a ${name}`, async ({ site, open }) => {
    const word = newWord();
    const events = [];
    for (let number = 1; number <= 4; number += 1)
      events.push(await createEvent(site.organiser, { title: `${word} no. ${number}` }));
    for (const { id, title } of events.slice(0, 3)) await putPicture(site.url, id, { alt: `Walls of ${title}` });
    await untilListed(site.url, word, 4);
    const page = await open(screen);
    const held: (() => Promise<void>)[] = [];
    await page.route(/\/api\/images\//, (route) => void held.push(() => route.continue()));
    await page.addInitScript(`{
      window.shift = 0;
      new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) shift += value;
      }).observe({ type: 'layout-shift', buffered: true });
    }`);
    for (const path of [`/?query=${word}`, `/events/${events[0]?.id}`]) {
      // A page counts as loaded once its pictures are.
      await page.goto(path, { waitUntil: 'domcontentloaded' });
      await untilLive(page);
      await expect.poll(() => held.length).toBeGreaterThan(0);
      for (const letGo of held.splice(0)) await letGo();
      await loadedFile(page, `Walls of ${events[0]?.title}`);
      expect(await page.evaluate('shift'), path).toBeLessThan(MOST_SHIFT);
      expect(await overflowOf(page), path).toEqual([]);
      await expectGoodState(page, path);
    }
  });
}

test('a card without a picture has an artwork, and no neighbours have one hue', async ({ site, open }) => {
  const word = newWord();
  for (let number = 1; number <= 7; number += 1) await createEvent(site.organiser, { title: `${word} no. ${number}` });
  const page = await open();
  await page.goto(`/?query=${word}`);
  await untilLive(page);
  const banners = page.getByRole('article').locator('[data-hue]:has(svg)');
  await expect(banners).toHaveCount(7);
  const hues = await banners.evaluateAll((all) => all.map((one) => one.getAttribute('data-hue')));
  for (const [index, hue] of hues.entries()) expect(hues.slice(Math.max(0, index - 3), index)).not.toContain(hue);
  await createEvent(site.organiser, { title: `${word} no. 0` });
  await expect(page.getByText('1 new event')).toBeVisible();
  const after = await banners.evaluateAll((all) => all.map((one) => one.getAttribute('data-hue')));
  expect(after).toEqual(hues);
  await expect(card(page, `${word} no. 1`).locator('svg path')).toHaveCount(2);
});

test('a cropped picture shows the part of its focus', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open({ viewport: { width: 320, height: 640 } });
  for (const [focusX, colour] of [
    [0, 'blue'],
    [1, 'red'],
  ] as const) {
    await putPicture(site.url, event.id, { alt: 'Two walls', focusX }, await twoColours(1_600, 420));
    await page.goto(`/?query=${encodeURIComponent(event.title)}`);
    await untilLive(page);
    await loadedFile(page, 'Two walls');
    const { dominant } = await sharp(await pictureOf(page, 'Two walls').screenshot()).stats();
    expect(dominant.b > dominant.r ? 'blue' : 'red').toBe(colour);
  }
});
