import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { connectRemote, createEvent, untilListed } from './site/organiser.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { untilLive } from './site/seats.ts';
import { expect, SCREENS, test, type Site } from './site/test.ts';

/** Milliseconds before a skeleton is visible: a faster load would only flicker. */
const LATE_MS = 200;

/** Holds back the server's answers over the socket, from `hold` to `letGo`. */
async function holdAnswers(page: Page): Promise<{ letGo: () => void; hold: () => void }> {
  let isHeld = false;
  const held: (() => void)[] = [];
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => server.send(message));
    server.onMessage((message) => {
      const isAnswer = /^43\/booking,\d/.test(String(message));
      if (isHeld && isAnswer) held.push(() => socket.send(message));
      else socket.send(message);
    });
  });
  return {
    hold: () => void (isHeld = true),
    letGo() {
      isHeld = false;
      for (const send of held.splice(0)) send();
    },
  };
}

/** Stops all animations, so that a skeleton can be checked at chosen moments. */
async function stopAnimations(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Animation.enable');
  await devtools.send('Animation.setPlaybackRate', { playbackRate: 0 });
}

/** Moves the animations of the skeletons to `ms` and returns whether each skeleton is visible then. */
function seenAfter(page: Page, ms: number): Promise<boolean[]> {
  return page.evaluate<boolean[]>(`(() => {
    const boxes = [...document.querySelectorAll('[data-loading] .late')];
    for (const animation of boxes.flatMap((box) => box.getAnimations())) animation.currentTime = ${ms};
    return boxes.map((box) => box.checkVisibility({ visibilityProperty: true }));
  })()`);
}

/** In the page: resolves once the current content is painted. */
const PAINTED = `new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)));
})`;

/** Waits until the current content is painted in the page's own font. */
async function untilPainted(page: Page): Promise<void> {
  await page.evaluate(`document.fonts.ready.then(() => ${PAINTED})`);
}

/** Records every layout shift from now on, including shifts after a press, which the usual metric leaves out. */
async function watchShifts(page: Page): Promise<void> {
  await page.evaluate(`{
    window.shifts = [];
    const words = ({ node }) => node?.outerHTML?.slice(0, 120) ?? node?.textContent;
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries()) shifts.push([value, ...sources.map(words)].join(' '));
    }).observe({ type: 'layout-shift' });
  }`);
}

/** Returns the layout shifts since `watchShifts`. */
async function shiftsOf(page: Page): Promise<string[]> {
  await untilPainted(page);
  return page.evaluate<string[]>('shifts');
}

test('the check for layout shifts finds a shift', async ({ open }) => {
  const page = await open();
  await page.goto('/login');
  await untilLive(page);
  await untilPainted(page);
  await watchShifts(page);
  await page.evaluate("document.querySelector('main').prepend(document.createElement('hr'))");
  await page.evaluate("document.querySelector('main > hr').style.height = '200px'");
  expect(await shiftsOf(page)).not.toEqual([]);
});

/** Expects a page to show a skeleton while its answers are held back, and nothing to move when they arrive. */
async function expectStill(page: Page, path: string, ready: string | RegExp): Promise<void> {
  const answers = await holdAnswers(page);
  await stopAnimations(page);
  answers.hold();
  await page.goto(path);
  const skeleton = page.locator('[data-loading]');
  await expect(skeleton).toBeAttached();
  await expect(skeleton.getByRole('status')).toHaveText('Loading');
  expect(new Set(await seenAfter(page, LATE_MS - 1)), `${path} before ${LATE_MS} ms`).toEqual(new Set([false]));
  expect(new Set(await seenAfter(page, LATE_MS + 1)), `${path} after that`).toEqual(new Set([true]));
  await untilLive(page);
  await untilPainted(page);
  await watchShifts(page);
  answers.letGo();
  await expect(page.getByRole('main')).toContainText(ready);
  await expect(skeleton).toHaveCount(0);
  await expect(page.getByRole('contentinfo')).toBeVisible();
  expect(await shiftsOf(page), `${path}: what moved`).toEqual([]);
}

/** Signs up a buyer with `count` bookings; returns the last booking's id and its event's title. */
async function bookings({ organiser, url }: Site, page: Page, count: number): Promise<{ id: string; title: string }> {
  const { token } = await signUp(page);
  const remote = connectRemote(url, token);
  let last = { id: '', title: '' };
  for (let made = 0; made < count; made += 1) {
    const { id: eventId, title } = await createEvent(organiser);
    const { id } = await remote.must('book', { requestId: randomUUID(), eventId, seats: 1 });
    last = { id, title };
  }
  remote.close();
  return last;
}

for (const [name, screen] of Object.entries(SCREENS)) {
  for (const count of [1, 5]) {
    test(`a buyer’s pages load on a ${name} with a late skeleton and no layout shift (bookings: ${count})`, async ({
      site,
      open,
    }) => {
      const page = await open(screen);
      const { id, title } = await bookings(site, page, count);
      await expectStill(page, '/bookings', title);
      await expectStill(page, `/tickets/${id}`, title);
    });
  }

  test(`an organiser’s lists load on a ${name} without layout shifts`, async ({ site, open }) => {
    const event = await createEvent(site.organiser);
    await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 3 });
    const page = await open(screen);
    await signInOrganiser(page);
    await expectStill(page, `/admin?query=${encodeURIComponent(event.title)}`, event.title);
    await expectStill(page, `/admin/events/${event.id}/sales`, 'Seats sold over time');
    await expectStill(page, `/admin/events/${event.id}/bookings`, '1 booking');
  });
}

/** Greatest sum of the layout shifts of a page, in the unit of the browser's layout-shift entries. */
const MOST_SHIFT = 0.02;

test('the page’s own font moves almost nothing when it replaces the fallback font late', async ({ site, open }) => {
  const venue = 'Kunstraum Limmat, Zürich';
  const title = 'Licht und Linie: Ausstellung';
  const event = await createEvent(site.organiser, { title, venue, description: `${title}, ${venue}. `.repeat(8) });
  for (const words of ['im Park', 'am Fluss im Park', 'unter freiem Himmel', 'und Fest unter freiem Himmel'])
    await createEvent(site.organiser, { title: `${title} ${words}`, venue: `${venue}, ${words}` });
  await untilListed(site.url, 'Linie', 5);
  for (const path of ['/?query=Linie', `/events/${event.id}`]) {
    const page = await open({ ...SCREENS.phone, viewport: { width: 320, height: 740 } });
    const held: (() => Promise<void>)[] = [];
    await page.route(/archivo-.*\.woff2/, (route) => void held.push(() => route.continue()));
    await page.goto(path, { waitUntil: 'domcontentloaded' });
    await untilLive(page);
    await page.evaluate(PAINTED);
    expect(await page.evaluate(HAS_LETTERS)).toBe(false);
    await watchShifts(page);
    for (const letGo of held) await letGo();
    await expect.poll(() => page.evaluate(HAS_LETTERS)).toBe(true);
    const shifts = await shiftsOf(page);
    const moved = shifts.reduce((sum, shift) => sum + Number.parseFloat(shift), 0);
    expect(moved, [path, ...shifts].join('\n')).toBeLessThan(MOST_SHIFT);
  }
});

const HAS_LETTERS = `document.fonts.check('400 1rem "Archivo Variable"')`;
