import { createEvent } from './site/organiser.ts';
import { serverAway } from './site/problems.ts';
import { signUp } from './site/people.ts';
import { untilLive } from './site/seats.ts';
import { expect, PHONE, SCREENS, test } from './site/test.ts';

for (const [name, viewport] of Object.entries({ narrow: SCREENS.phone.viewport, usual: PHONE })) {
  test(`the header of a ${name} phone shows “Sign in”, and the age of the numbers only without a connection`, async ({
    site,
    open,
  }) => {
    const event = await createEvent(site.organiser);
    const page = await open({
      viewport: viewport ?? PHONE,
      hasTouch: true,
      allowed: [serverAway('the test goes offline')],
    });
    await page.goto(`/events/${event.id}`);
    await untilLive(page);
    const banner = page.getByRole('banner');
    const signIn = banner.getByRole('link', { name: 'Sign in' });
    await expect(signIn).toBeInViewport();
    expect((await signIn.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    const state = banner.getByRole('status');
    expect((await state.boundingBox())?.width, 'hidden from sight, not from screen readers').toBeLessThanOrEqual(1);

    await page.context().setOffline(true);
    await expect(state).toContainText(/as of \d\d:\d\d:\d\d/, { timeout: 15_000 });
    await expect(state.getByText('as of')).toBeInViewport();
    expect(await page.locator('html').evaluate((root) => root.scrollWidth <= root.clientWidth)).toBe(true);
    await page.context().setOffline(false);
    await untilLive(page);
    await expect(signIn).toBeInViewport();
    await signUp(page);
    await page.reload();
    await untilLive(page);
    await expect(signIn).toHaveCount(0);
  });
}

test('without scripts the header has the link to sign in, and does not claim to be live', async ({ open }) => {
  const page = await open({ viewport: PHONE, javaScriptEnabled: false });
  await page.goto('/');
  const banner = page.getByRole('banner');
  await expect(banner.getByRole('link', { name: 'Sign in' })).toBeInViewport();
  await expect(banner.getByRole('status')).toBeHidden();
});
