import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { barriersOn, expectGoodPage, expectGoodState, overflowOf } from './site/good-page.ts';
import { expect, PHONE, SCREENS, test } from './site/mail-site.ts';
import { createEvent, inDays } from './site/organiser.ts';
import { newAccount, signUp } from './site/people.ts';
import { refusal } from './site/problems.ts';
import { untilLive } from './site/seats.ts';

const NEW_ACCOUNT = refusal(400, '/api/auth/code/verify', 'a new account needs a name');
const remindMe = (page: Page) => page.getByRole('button', { name: 'Remind me', exact: true });
const isOn = (page: Page) => page.getByRole('heading', { name: 'We will remind you' });
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

test('a signed-in reader is reminded after one press, which shows and can be taken back on every tab', async ({
  mailSite: { organiser },
  open,
}) => {
  const event = await createEvent(organiser, { salesOpenAt: inDays(1) });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  const tab = await page.context().newPage();
  await tab.goto(`/events/${event.id}`);
  await untilLive(tab);
  await remindMe(page).click();
  await expect(isOn(page)).toBeFocused();
  await expect(isOn(tab)).toBeVisible();
  await page.reload();
  await expect(isOn(page)).toBeVisible();
  expect(await barriersOn(page)).toEqual([]);

  await tab.getByRole('button', { name: 'Do not remind me' }).click();
  await expect(remindMe(tab)).toBeVisible();
  await expect(remindMe(page)).toBeVisible();
});

test('a new person is reminded after three fields, by a mail whose link ends all reminders', async ({
  mailSite: { organiser, mails },
  open,
}) => {
  const event = await createEvent(organiser, { salesOpenAt: inMinutes(30) });
  const other = await createEvent(organiser, { salesOpenAt: inDays(2) });
  const page = await open({ viewport: PHONE, hasTouch: true, allowed: [NEW_ACCOUNT] });
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  const email = `${randomUUID()}@example.org`;
  await remindMe(page).click();
  await expect(page.getByText('A reminder before the sale opens')).toBeVisible();
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send code' }).click();
  await page.getByLabel('Code', { exact: true }).fill(await mails.codeTo(email));
  await page.getByLabel('Name', { exact: true }).fill('Frieda Fröhlich');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(isOn(page)).toBeVisible();

  await page.goto(`/events/${other.id}`);
  await untilLive(page);
  await remindMe(page).click();
  await expect(isOn(page)).toBeVisible();

  await organiser.must('updateEvent', {
    eventId: event.id,
    revision: event.revision,
    changes: { salesOpenAt: inMinutes(8) },
  });
  const link = await mails.reminderLinkTo(email);
  await page.goto(`/events/${event.id}`);
  await expect(page.getByText('We have reminded you')).toBeVisible();

  const elsewhere = await open({ ...SCREENS.phone, javaScriptEnabled: false });
  await elsewhere.goto(link);
  await elsewhere.getByRole('button', { name: 'End all reminders' }).click();
  await expect(elsewhere.getByText('You get no more reminders')).toBeVisible();
  await page.goto(`/events/${other.id}`);
  await untilLive(page);
  await expect(remindMe(page)).toBeVisible();
});

test('a form asks for a reminder and takes it back without JavaScript, in German too', async ({
  mailSite: { organiser },
  open,
}) => {
  const event = await createEvent(organiser, { salesOpenAt: inDays(1) });
  const page = await open({ ...SCREENS.phone, javaScriptEnabled: false });
  await page.goto(`/events/${event.id}`);
  await remindMe(page).click();
  await expect(page, 'a signed-out visitor signs in first').toHaveURL(/\/login\?next=/);
  await signUp(page, newAccount());
  await page.goto(`/events/${event.id}`);
  await remindMe(page).click();
  await expect(isOn(page)).toBeVisible();
  expect(await overflowOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Do not remind me' }).click();
  await expect(remindMe(page)).toBeVisible();

  await page.goto(`/de/events/${event.id}`);
  await page.getByRole('button', { name: 'Erinnern Sie mich' }).click();
  await expect(page.getByRole('heading', { name: 'Wir erinnern Sie' })).toBeVisible();
  await expect(page.getByText('Per E-Mail, 10 Minuten vor Verkaufsbeginn.')).toBeVisible();
});

test('no reminder is offered in the last ten minutes, and organisers see how many want to be reminded', async ({
  mailSite: { organiser },
  open,
}) => {
  const soon = await createEvent(organiser, { salesOpenAt: inMinutes(9) });
  const event = await createEvent(organiser, { salesOpenAt: inDays(1) });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${soon.id}`);
  await untilLive(page);
  await expect(page.getByRole('timer')).toBeVisible();
  await expect(remindMe(page)).toHaveCount(0);
  await organiser.must('remindMe', { eventId: event.id });
  expect(await organiser.must('eventStats', { eventId: event.id })).toMatchObject({ reminders: 1 });
});

test('the page that ends reminders has no accessibility violations, and an altered link says so', async ({ open }) => {
  const page = await open({ allowed: [refusal(404, '/reminders/altered', 'an altered link')] });
  await expectGoodPage(page, '/reminders/altered', 'End all reminders');
  await page.goto('/reminders/altered');
  await page.getByRole('button', { name: 'End all reminders' }).click();
  await expect(page.getByRole('heading', { name: 'This link is not valid' })).toBeVisible();
});

const FREE = { amount: 0, currency: 'EUR' };
/** A type on sale, and one that opens later. */
const withVip = (salesFrom: string) => [
  { name: 'Regular', price: FREE },
  { name: 'VIP', price: FREE, salesFrom },
];
const lineOf = (page: Page, id: string) => page.locator(`[data-ticket-type="${id}"]`);

test('a reader is reminded of a ticket type that opens later, beside it, on every tab, by a mail at its opening', async ({
  mailSite: { organiser, mails },
  open,
}) => {
  const event = await createEvent(organiser, { ticketTypes: withVip(inDays(1)) });
  const page = await open({ viewport: PHONE, hasTouch: true, allowed: [NEW_ACCOUNT] });
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await expect(lineOf(page, 't1').getByRole('button', { name: /Remind me/ })).toHaveCount(0);
  await lineOf(page, 't2').getByRole('button', { name: 'Remind me VIP' }).click();
  await expect(page.getByText('A reminder before “VIP” goes on sale')).toBeVisible();
  const email = `${randomUUID()}@example.org`;
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send code' }).click();
  await page.getByLabel('Code', { exact: true }).fill(await mails.codeTo(email));
  await page.getByLabel('Name', { exact: true }).fill('Frieda Fröhlich');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(lineOf(page, 't2').getByText('We will remind you')).toBeVisible();
  await expectGoodState(page, 'a reminder of a ticket type');
  expect(await overflowOf(page)).toEqual([]);

  const tab = await page.context().newPage();
  await tab.goto(`/events/${event.id}`);
  await untilLive(tab);
  await tab.getByRole('button', { name: 'Do not remind me' }).click();
  await expect(lineOf(page, 't2').getByRole('button', { name: 'Remind me VIP' })).toBeVisible();
  await lineOf(page, 't2').getByRole('button', { name: 'Remind me VIP' }).click();
  await expect(lineOf(tab, 't2').getByText('We will remind you')).toBeVisible();

  const ticketTypes = withVip(inMinutes(8)).map((type, at) => ({ ...type, id: `t${at + 1}` }));
  await organiser.must('updateEvent', { eventId: event.id, revision: event.revision, changes: { ticketTypes } });
  await mails.reminderLinkTo(email);
  await expect(lineOf(page, 't2').getByText('We have reminded you of these tickets.')).toBeVisible();
});

test('a form asks for a reminder of a ticket type without JavaScript, and none is offered of a hidden type', async ({
  mailSite: { organiser },
  open,
}) => {
  const types = [
    ...withVip(inDays(1)),
    { name: 'Secret', price: FREE, salesFrom: inDays(2), access: 'voucher' as const },
  ];
  const event = await createEvent(organiser, { ticketTypes: types });
  const page = await open({ ...SCREENS.phone, javaScriptEnabled: false });
  await signUp(page, newAccount());
  await page.goto(`/de/events/${event.id}`);
  await expect(page.getByRole('button', { name: /Erinnern Sie mich/ })).toHaveCount(1);
  await page.getByRole('button', { name: 'Erinnern Sie mich VIP' }).click();
  await expect(lineOf(page, 't2').getByText('Wir erinnern Sie')).toBeVisible();
  expect(await overflowOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Nicht erinnern' }).click();
  await expect(page.getByRole('button', { name: 'Erinnern Sie mich VIP' })).toBeVisible();
});
