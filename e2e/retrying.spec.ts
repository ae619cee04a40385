import type { Page } from '@playwright/test';
import type { Event } from '#shared/event.ts';
import { agePendingRequests } from './site/kept.ts';
import { connectRemote, createEvent, type Remote } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { connectSpenders, noteTries, writesBlocked, type Tries } from './site/refusals.ts';
import { untilLive } from './site/seats.ts';
import { expect, SCREENS, test } from './site/test.ts';

/** A server, and how to make it refuse bookings. */
interface Refusing {
  url: string;
  organiser: Remote;
  /** Makes the server refuse to book seats of this event. */
  begin(eventId: string): Promise<void>;
  end(): Promise<void>;
}

interface Retrying {
  page: Page;
  tries: Tries;
  token: string;
  /** The text above the Stop button while the page retries. */
  words: string;
}

const stop = (page: Page) => page.getByRole('button', { name: 'Stop' });
const has2 = (page: Page) => page.getByRole('heading', { name: 'You have 2 seats' });

/** Reads the buyer's bookings of one event from the server. */
async function bookingsOf({ url }: Refusing, token: string, eventId: string) {
  const remote = connectRemote(url, token);
  const { bookings } = await remote.must('listBookings', {});
  remote.close();
  return bookings.filter((booking) => booking.eventId === eventId);
}

/** Moves a page's paused clock forward. */
const pass = (page: Page, ms: number) => page.clock.runFor(ms);

/**
 * Presses Book for a new event and returns once the booking is refused, with the page's clock paused. A booking may
 * slip under the rate limit by milliseconds: then another event is tried.
 */
async function pressUntilRefused(site: Refusing, { page, tries, words }: Retrying): Promise<Event> {
  let event: Event | undefined;
  await expect(async () => {
    await page.clock.resume();
    event = await createEvent(site.organiser, { totalSeats: 20_000 });
    await page.goto(`/events/${event.id}`);
    await untilLive(page);
    await expect(page.getByRole('button', { name: 'Book 2 seats' })).toBeEnabled();
    // A button that has just appeared ignores presses for a moment.
    await page.clock.pauseAt((await page.evaluate<number>('Date.now()')) + 1_000);
    tries.requestIds.length = tries.refusals.length = 0;
    await site.begin(event.id);
    await page.getByRole('button', { name: 'Book 2 seats' }).click();
    await expect(page.getByText(words).or(has2(page))).toBeVisible();
    expect(await has2(page).isVisible()).toBe(false);
  }).toPass();
  return event as Event;
}

/** Expects that a refused booking is retried no sooner than `retryAfterMs`, under one request id, and made once. */
async function expectBookedInTheEnd(site: Refusing, retrying: Retrying, code: string): Promise<void> {
  const { page, tries, token, words } = retrying;
  const event = await pressUntilRefused(site, retrying);
  const [refusal] = tries.refusals;
  expect(refusal).toMatchObject({ code, retryAfterMs: expect.any(Number) });
  const delayMs = refusal?.retryAfterMs ?? 0;
  await pass(page, delayMs - 1);
  expect(tries.requestIds, 'no retry before retryAfterMs').toHaveLength(1);
  // The page adds a random delay of up to half of `retryAfterMs`.
  await pass(page, Math.ceil(delayMs / 2) + 2);
  await expect.poll(() => tries.requestIds).toHaveLength(2);
  await site.end();
  await expect(async () => {
    await expect(page.getByText(words).or(has2(page))).toBeVisible();
    await pass(page, 2_000);
    await expect(has2(page)).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(stop(page)).toHaveCount(0);
  expect(new Set(tries.requestIds).size).toBe(1);
  expect(await bookingsOf(site, token, event.id)).toMatchObject([{ seats: 2, requestId: tries.requestIds[0] }]);
}

/** Expects that a booking is not sent again once the buyer has stopped it, although it would succeed by then. */
async function expectStopped(site: Refusing, retrying: Retrying): Promise<void> {
  const { page, tries, token } = retrying;
  const event = await pressUntilRefused(site, retrying);
  await stop(page).click();
  await expect(page.getByText('We stopped trying.')).toBeVisible();
  await site.end();
  await pass(page, 20_000);
  await expect(page.getByText('We stopped trying.')).toBeVisible();
  expect(await bookingsOf(site, token, event.id)).toEqual([]);
  expect(tries.requestIds).toHaveLength(1);
  await expect(page.getByRole('button', { name: 'Try again' })).toBeEnabled();
}

test('[F19] a booking is retried for two minutes or until it is stopped while the database refuses writes', async ({
  site,
  open,
}) => {
  const { begin, end } = writesBlocked(site.mongoUri);
  const blocked = { ...site, begin, end };
  const page = await open(SCREENS.phone);
  const tries = await noteTries(page);
  const { token } = await signUp(page);
  await page.clock.install();
  const words = 'We cannot save anything just now. We keep trying for you; do not reload.';
  const retrying = { page, tries, token, words };
  try {
    await expectBookedInTheEnd(blocked, retrying, 'UNAVAILABLE');
    await expectStopped(blocked, retrying);

    const event = await pressUntilRefused(blocked, retrying);
    await page.clock.resume();
    // Below two minutes by some seconds, as the reload takes time: an older request is looked up instead of repeated.
    await agePendingRequests(page, 111_000);
    await page.reload();
    await expect(page.getByText('No answer for two minutes.')).toBeVisible();
    await end();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(has2(page)).toBeVisible();
    expect(new Set(tries.requestIds).size).toBe(1);
    expect(await bookingsOf(blocked, token, event.id)).toHaveLength(1);
  } finally {
    await end();
  }
});

test('a booking is retried until it succeeds or is stopped while other devices use up the buyer’s rate limit', async ({
  site,
  open,
}) => {
  const page = await open(SCREENS.phone);
  const tries = await noteTries(page);
  const { token } = await signUp(page);
  const { begin, end, close } = await connectSpenders(site.url, token);
  const limited = { ...site, begin, end };
  await page.clock.install();
  const words = 'That was a lot at once. We keep trying for you; do not reload.';
  const retrying = { page, tries, token, words };

  await expectBookedInTheEnd(limited, retrying, 'RATE_LIMITED');
  await expectStopped(limited, retrying);
  close();
});

// A server that is full answers like this (server/test/faults/flood.int.test.ts).
test('a booking is retried until it succeeds or is stopped while the server is busy', async ({ site, open }) => {
  const page = await open();
  const tries = await noteTries(page);
  const busy = {
    ...site,
    begin: async () => void (tries.refuseAll = { code: 'BUSY', message: 'Many are booking.', retryAfterMs: 1_500 }),
    end: async () => void (tries.refuseAll = null),
  };
  const { token } = await signUp(page);
  await page.clock.install();
  const words = 'Many people are booking. We keep trying for you; do not reload.';
  const retrying = { page, tries, token, words };

  await expectBookedInTheEnd(busy, retrying, 'BUSY');
  await expectStopped(busy, retrying);
});
