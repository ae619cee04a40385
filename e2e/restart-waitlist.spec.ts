import type { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { untilKept } from './site/kept.ts';
import { connectRemote, type Remote } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { serverAway } from './site/problems.ts';
import { card, heading, pressUntil } from './site/seats.ts';
import { expect, SCREENS, test, type OwnSite } from './site/test.ts';
import { createSoldOut, giveBack, join } from './site/waitlist.ts';

test.use({ serviceWorkers: 'allow' });

test('[F7] a waitlist entry and an offer survive a kill of the server, and pages are right afterwards', async ({
  ownSite,
  open,
}) => {
  const { event, taken } = await createSoldOut(ownSite);
  const page = await open({ ...SCREENS.phone, baseURL: ownSite.url, allowed: [serverAway('the server restarts')] });
  const list = await open({ baseURL: ownSite.url, allowed: [serverAway('the server restarts')] });
  const ahead = await aheadOf(ownSite, event.id, list);
  await join(page, event.id, 'second');
  // A service worker that is still being installed would log an error when its server stops.
  await untilKept(page);
  expect(await ownSite.end('SIGKILL')).toBe(null);
  await expect(page.getByRole('banner').getByRole('status')).toContainText('Reconnecting');
  // These presses find no server: the page retries the new party size until the server is back.
  await page.getByRole('button', { name: 'Change number of seats' }).click();
  await page.getByRole('button', { name: 'One seat more' }).click();
  await page.getByRole('button', { name: 'Wait for 3 seats' }).click();
  await expect(page.getByText('The connection was lost. We keep trying for you; do not reload.')).toBeVisible();
  await ownSite.startAgain();

  await expect(heading(page, 'You are second in line for 3 seats')).toBeVisible();
  await ahead.must('leaveWaitlist', { eventId: event.id });
  await expect(heading(page, 'You are first in line for 3 seats')).toBeVisible();
  await giveBack(ownSite.organiser, taken[0]);
  await giveBack(ownSite.organiser, taken[1]);
  await expect(page.getByRole('complementary', { name: '3 seats for you' })).toBeVisible();
  await list.goto('/');
  await expect(card(list, event.title)).toContainText('1 of 4 free');
  await untilKept(list);

  // The offer survives a second kill, and the press that found no server takes its seats.
  expect(await ownSite.end('SIGKILL')).toBe(null);
  await pressUntil(page, 'Take 3 seats', page.getByText('The connection was lost. We keep trying for you'));
  await ownSite.startAgain();
  await expect(heading(page, 'You have 3 seats')).toBeVisible();
  ahead.close();
});

/** Creates the first waitlist entry, through a client without a browser. */
async function aheadOf(site: OwnSite, eventId: string, page: Page): Promise<Remote> {
  const { token } = await signUp(page);
  const ahead = connectRemote(site.url, token);
  await ahead.must('joinWaitlist', { requestId: randomUUID(), eventId, seats: 2 });
  return ahead;
}
