import type { Page } from '@playwright/test';
import { createEvent, inDays } from './site/organiser.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { pressUntil, untilLive } from './site/seats.ts';
import { expect, test, type Site } from './site/test.ts';

const SAVED = 'Saved. Every screen shows it now.';
const place = (page: Page) => page.getByLabel('Place', { exact: true });
const title = (page: Page) => page.getByLabel('Title');
const save = (page: Page) => page.getByRole('button', { name: 'Save changes' }).click();

/** Creates an event and opens its form in an organiser's browser. */
async function openForm(site: Site, open: () => Promise<Page>, more: Parameters<typeof createEvent>[1] = {}) {
  const event = await createEvent(site.organiser, more);
  const page = await open();
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}`);
  await untilLive(page);
  const edit = (revision: number, changes: object) =>
    site.organiser.must('updateEvent', { eventId: event.id, revision, changes });
  const stored = () => site.organiser.must('getEvent', { eventId: event.id });
  return { event, page, edit, stored };
}

test('the form of an event shows the saved values, also after a visit to another tab of the event', async ({
  site,
  open,
}) => {
  const { event, page, stored } = await openForm(site, open);
  await title(page).fill(`Blues ${event.title}`);
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  await page.getByRole('link', { name: 'Sales', exact: true }).click();
  await expect(
    page.getByRole('heading', { name: 'Seats by hour' }).or(page.getByText('Call off the event')),
  ).toBeVisible();
  await page.getByRole('link', { name: 'Event', exact: true }).click();

  await expect(title(page)).toHaveValue(`Blues ${event.title}`);
  await place(page).fill('Pier 9');
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  expect(await stored()).toMatchObject({ title: `Blues ${event.title}`, venue: 'Pier 9', revision: 3 });
});

test('two organisers who edit different fields of an event both keep their edits', async ({ site, open }) => {
  const { event, page, edit, stored } = await openForm(site, open);
  await place(page).fill('Pier 9');
  await edit(1, { title: `Blues ${event.title}` });

  await expect(page.getByText('Someone else just changed this event: Title.')).toBeVisible();
  await expect(title(page)).toHaveValue(`Blues ${event.title}`);
  await expect(place(page)).toHaveValue('Pier 9');
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  expect(await stored()).toMatchObject({ title: `Blues ${event.title}`, venue: 'Pier 9' });
});

test('a save is merged with another organiser’s edit whose push has not arrived, and says so', async ({
  site,
  open,
}) => {
  const { event, page, edit, stored } = await openForm(site, async () => {
    const page = await open();
    await page.routeWebSocket(/socket\.io/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        if (!String(message).includes('"eventChanged"')) socket.send(message);
      });
    });
    return page;
  });
  await place(page).fill('Pier 9');
  await edit(1, { title: `Blues ${event.title}` });
  await save(page);
  await expect(page.getByText('Saved, on top of what someone else changed meanwhile: Title.')).toBeVisible();
  expect(await stored()).toMatchObject({ title: `Blues ${event.title}`, venue: 'Pier 9', revision: 3 });
});

test('an organiser chooses between two edits of one field, and nothing is saved before the choice', async ({
  site,
  open,
}) => {
  const { page, edit, stored } = await openForm(site, open);
  await place(page).fill('Pier 9');
  await edit(1, { venue: 'Pier 7' });
  await expect(page.getByText('Yours: Pier 9')).toBeVisible();
  await expect(page.getByText('Theirs: Pier 7')).toBeVisible();
  await save(page);
  await expect(page.getByText('Please choose above which version it should be, then save.')).toBeVisible();
  expect(await stored()).toMatchObject({ venue: 'Pier 7', revision: 2 });

  await page.getByRole('button', { name: 'Keep mine: Place' }).click();
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  expect(await stored()).toMatchObject({ venue: 'Pier 9', revision: 3 });
  await place(page).fill('Pier 11');
  await edit(3, { venue: 'Pier 12' });
  await page.getByRole('button', { name: 'Take theirs: Place' }).click();
  await expect(place(page)).toHaveValue('Pier 12');
});

test('a link, Back and a reload ask before they discard text typed into the form of an event', async ({
  site,
  open,
}) => {
  const { event, page } = await openForm(site, open);
  await page.goto(`/admin?query=${event.title.split(' ')[1]}`);
  await untilLive(page);
  await page.getByRole('link', { name: event.title }).click();
  await title(page).fill('Half a title');
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await page.getByRole('link', { name: 'Sales', exact: true }).click();
  await expect(question).toBeVisible();
  await question.getByRole('button', { name: 'Stay here' }).click();
  await expect(title(page)).toHaveValue('Half a title');
  await page.goBack();
  await expect(question).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(title(page)).toHaveValue('Half a title');

  const asked = new Promise<string>((resolve) => {
    page.once('dialog', (dialog) => {
      resolve(dialog.type());
      void dialog.dismiss();
    });
  });
  await Promise.all([asked, page.reload({ timeout: 5_000 }).catch(() => undefined)]);
  expect(await asked).toBe('beforeunload');
  await expect(title(page)).toHaveValue('Half a title');

  await page.getByRole('link', { name: 'Bookings', exact: true }).click();
  await question.getByRole('button', { name: 'Leave', exact: true }).click();
  await expect(page).toHaveURL(`/admin/events/${event.id}/bookings`);
  await page.getByRole('link', { name: 'Event', exact: true }).click();
  await expect(title(page)).toHaveValue(event.title);
  await page.getByRole('link', { name: 'Sales', exact: true }).click();
  await expect(page).toHaveURL(`/admin/events/${event.id}/sales`);
});

test('moving an event with bookings shows how many buyers get a mail and waits for a confirmation', async ({
  site,
  open,
}) => {
  const { event, page, stored } = await openForm(site, open);
  const buyer = await open();
  await signUp(buyer);
  await buyer.goto(`/events/${event.id}`);
  await pressUntil(buyer, 'Book 2 seats', buyer.getByRole('heading', { name: 'You have 2 seats' }));
  const question = page.getByRole('dialog', { name: `Move “${event.title}”?` });
  // At noon: the day is the same by the clock of the place and in UTC.
  const day = inDays(20).slice(0, 10);
  await page.getByLabel('Starts').fill(`${day}T12:00`);
  await save(page);
  await expect(question.getByText('1 booking is confirmed. Its buyer gets a mail')).toBeVisible();
  await question.getByRole('button', { name: 'Do not save yet' }).click();
  expect((await stored()).startsAt).toBe(event.startsAt);
  await save(page);
  await question.getByRole('button', { name: 'Save and email buyers' }).click();
  await expect(page.getByText(SAVED)).toBeVisible();
  expect((await stored()).startsAt.slice(0, 10)).toBe(day);

  await title(page).fill('Other words move nobody');
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  expect((await stored()).title).toBe('Other words move nobody');
});

test('a start of an event in the past is refused with a message at its field', async ({ site, open }) => {
  const { event, page, stored } = await openForm(site, open);
  await page.getByLabel('Starts').fill(inDays(-300).slice(0, 16));
  await save(page);
  await expect(page.getByLabel('Starts')).toHaveAccessibleDescription(/This is in the past\. Only a draft/);
  expect((await stored()).startsAt).toBe(event.startsAt);
});

test('the form of an event accepts a comma in thousands and asks which one of a repeated hour is meant', async ({
  site,
  open,
}) => {
  const { page, stored } = await openForm(site, open);
  await page.getByLabel('Seats', { exact: true }).fill('8,000');
  await page.getByLabel('Starts').fill('2030-10-27T02:15');
  await page.getByLabel('Ends (optional)').fill('2030-10-27T02:15');
  const turns = page.getByRole('combobox', { name: 'This time comes twice that night' });
  await turns.nth(1).selectOption({ label: 'The second time, CET' });
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  const times = { startsAt: '2030-10-27T00:15:00.000Z', endsAt: '2030-10-27T01:15:00.000Z' };
  expect(await stored()).toMatchObject({ totalSeats: 8_000, ...times });
  await page.reload();
  await expect(turns.nth(1)).toHaveValue('second');
  await page.getByLabel('Time zone of the place').fill('Europe/Vienna');
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  expect(await stored()).toMatchObject({ timeZone: 'Europe/Vienna', ...times });
});

test('an organiser says what to know before one goes, and clears it again', async ({ site, open }) => {
  const { page, stored } = await openForm(site, open);
  await page.getByLabel('Category (optional)').fill('Music');
  await page.getByLabel('Tags (optional)').fill('Jazz, Open Air, jazz');
  await page.getByLabel('City (optional)').fill('Oxford');
  await page.getByLabel('Address (optional)').fill('40 George Street, Oxford OX1 2AQ');
  await page.getByText('Know before you go').click();
  await page.getByLabel('Minimum age (optional)').fill('99');
  await page.getByLabel('Accessibility (optional)').fill('Step-free.\nA hearing loop.');
  await save(page);
  await expect(page.getByLabel('Minimum age (optional)')).toHaveAccessibleDescription('Too large.');
  await page.getByLabel('Minimum age (optional)').fill('16');
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  const details = { category: 'Music', tags: ['Jazz', 'Open Air'], city: 'Oxford', minAge: 16 };
  expect(await stored()).toMatchObject({ ...details, accessInfo: 'Step-free.\nA hearing loop.' });

  await page.reload();
  await expect(page.getByLabel('Tags (optional)')).toHaveValue('Jazz, Open Air');
  await page.getByLabel('Minimum age (optional)').fill('');
  await page.getByLabel('City (optional)').fill(' ');
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  expect(await stored()).toMatchObject({ ...details, minAge: null, city: null });
});
