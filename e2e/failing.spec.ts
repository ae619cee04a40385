import { MongoClient, ObjectId } from 'mongodb';
import { startServer } from '../server/test/support/server-process.ts';
import { barriersOn } from './site/good-page.ts';
import { connectOrganiser, createEvent, ORGANISER } from './site/organiser.ts';
import { refusal } from './site/problems.ts';
import { expect, test } from './site/test.ts';

/** Stores an event's time zone directly, past the validation that refuses unknown zones. */
async function setTimeZone(mongoUri: string, eventId: string, timeZone: string): Promise<void> {
  const client = await MongoClient.connect(mongoUri);
  const { modifiedCount } = await client
    .db()
    .collection('events')
    .updateOne({ _id: new ObjectId(eventId) }, { $set: { timeZone } });
  await client.close();
  expect(modifiedCount).toBe(1);
}

test('a page that fails shows an incident number, which the log has too, and a button to reload', async ({
  databases,
  open,
}) => {
  const mongoUri = databases.newUri();
  const settings = { ADMIN_EMAIL: ORGANISER.email, ADMIN_PASSWORD: ORGANISER.password };
  const server = await startServer({ ...settings, MONGO_URI: mongoUri });
  const organiser = await connectOrganiser(server.url);
  const event = await createEvent(organiser, { title: 'Concert in another world' });
  organiser.close();
  await setTimeZone(mongoUri, event.id, 'Mars/Olympus_Mons');

  const page = await open({
    baseURL: server.url,
    allowed: [refusal(500, `/events/${event.id}`, 'an event that cannot be rendered')],
  });
  const answer = await page.goto(`/events/${event.id}`);
  expect(answer?.status()).toBe(500);
  expect(answer?.headers()['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect(answer?.headers()['x-frame-options']).toBe('DENY');
  await expect(page.getByRole('heading', { level: 1, name: 'Something went wrong on our side.' })).toBeVisible();
  await expect(page.getByText('Nothing was booked or charged by this. Please try again.')).toBeVisible();
  const incident = /^Incident: (\S{36})$/.exec((await page.getByText(/^Incident: /).textContent()) ?? '')?.[1];
  expect(incident).toBeDefined();
  await expect.poll(() => server.output()).toContain(`"incident":"${incident}"`);
  await expect(page.getByRole('main')).not.toContainText('Mars');
  expect(await barriersOn(page)).toEqual([]);

  await setTimeZone(mongoUri, event.id, 'Europe/Berlin');
  const title = page.getByRole('heading', { level: 1, name: event.title });
  await expect(async () => {
    if (!(await title.isVisible())) await page.getByRole('button', { name: 'Reload' }).click({ timeout: 2_000 });
    await expect(title).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await page.context().close();
  expect(await server.end('SIGTERM')).toBe(0);
});
