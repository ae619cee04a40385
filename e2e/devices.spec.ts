import { barriersOn, NARROW, overflowOf, smallTargets } from './site/good-page.ts';
import { newAccount, signUp } from './site/people.ts';
import { expect, test } from './site/test.ts';

test('an account lists its devices, and ends one of them or all others', async ({ open }) => {
  const account = newAccount();
  const [here, second, third] = [await open(), await open(), await open()];
  await signUp(here, account);
  const signIn = async (page: typeof here) => {
    const { email, password } = account;
    const reply = await page.context().request.post('/api/auth/login', { data: { email, password } });
    expect(reply.ok()).toBe(true);
    await page.goto('/account');
    await expect(page.getByRole('heading', { name: 'Devices' })).toBeVisible();
  };
  for (const page of [second, third]) await signIn(page);
  await here.goto('/account');
  const devices = here.getByRole('region', { name: 'Devices' });
  await expect(devices.getByRole('listitem')).toHaveCount(3);
  await expect(devices.getByRole('listitem').filter({ hasText: 'This device' })).toHaveCount(1);
  await expect(devices.getByText(/^Last active on /)).toHaveCount(2);
  await here.setViewportSize(NARROW);
  expect([...(await overflowOf(here)), ...(await smallTargets(here, 44)), ...(await barriersOn(here))]).toEqual([]);

  await devices
    .getByRole('listitem')
    .getByRole('button', { name: /^Sign out / })
    .first()
    .click();
  await expect(devices.getByRole('listitem')).toHaveCount(2);
  for (const page of [second, third]) await page.reload();
  const signedOut = async (page: typeof here) => (await page.getByText('Sign in to see your account.').count()) === 1;
  await expect.poll(async () => [await signedOut(second), await signedOut(third)].filter(Boolean).length).toBe(1);
  await signIn((await signedOut(second)) ? second : third);
  await here.reload();
  await expect(devices.getByRole('listitem')).toHaveCount(3);
  await devices.getByRole('button', { name: 'Sign out all other devices' }).click();
  await expect(devices.getByRole('listitem')).toHaveCount(1);
  for (const page of [second, third]) {
    await expect(page.getByText('Sign in to see your account.')).toBeVisible();
    await page.context().close();
  }
  await expect(here.getByRole('heading', { name: 'Devices' })).toBeVisible();
});

test('an address that is not confirmed yet gets the link again on request', async ({ open }) => {
  const page = await open();
  await signUp(page);
  await page.goto('/account');
  const profile = page.getByRole('region', { name: 'Name and language' });
  await expect(profile.getByText('not confirmed yet')).toBeVisible();
  await profile.getByRole('button', { name: 'Send the link again' }).click();
  await expect(profile.getByText('We have emailed you a link.')).toBeVisible();
});
