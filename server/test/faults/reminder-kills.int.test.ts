import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { connectMongo } from '#server/mongo/connect.ts';
import { newEvent } from '../support/burst.ts';
import { databaseOf, testDatabaseUri } from '../support/database/test-database.ts';
import { mailbox } from '../support/mailbox.ts';
import { startServer } from '../support/server-process.ts';

const PEOPLE = 300;
/** Mails that a server may have on their way when it is killed: their fact is not noted yet. */
const ON_THEIR_WAY = 8;
const LEAD_MS = 10 * 60_000;

describe('hundreds of reminders of one opening', () => {
  it('reach everybody although a server is killed with -9, and no user twice by another mail', async (t) => {
    const uri = testDatabaseUri();
    const box = await mailbox(t);
    const settings = {
      MONGO_URI: uri,
      SMTP_URL: box.url,
      ADMIN_EMAIL: 'admin@example.org',
      ADMIN_PASSWORD: 'correct horse',
    };
    const first = await startServer(settings);
    const second = await startServer(settings);
    t.onTestFinished(async () => {
      for (const server of [first, second]) await server.end('SIGKILL');
    });
    const eventId = await newEvent(t, first.url, 100);
    const connection = await connectMongo(uri);
    t.onTestFinished(() => connection.close());
    const database = databaseOf(connection);
    await database.collection('users').insertMany(
      Array.from({ length: PEOPLE }, (_, index) => ({
        name: `Person ${index}`,
        email: `person-${index}@example.org`,
        passwordHash: 'none',
        verified: true,
        locale: 'en',
        role: 'user',
        createdAt: new Date(),
      })),
    );
    const users = await database.collection('users').find({ role: 'user' }).toArray();
    const fields = { version: 1, status: 'waiting', round: 0, salesOpenAt: null, doneAt: null, createdAt: new Date() };
    await database
      .collection('reminders')
      .insertMany(users.map(({ _id: userId }) => ({ userId, eventId: new Types.ObjectId(eventId), ...fields })));
    // Another program's edit: the sweep goes by the event as it is stored.
    const salesOpenAt = new Date(Date.now() + LEAD_MS);
    await database.collection('events').updateOne({ _id: new Types.ObjectId(eventId) }, { $set: { salesOpenAt } });

    await expect.poll(() => box.received.length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(PEOPLE / 6);
    await first.end('SIGKILL');
    expect(box.received.length, 'killed in the middle').toBeLessThan(PEOPLE);
    const reached = () => new Set(box.received.flatMap(({ to }) => to)).size;
    await expect.poll(reached, { timeout: 120_000 }).toBe(PEOPLE);
    const sent = () => database.collection('reminders').countDocuments({ status: 'sent' });
    await expect.poll(sent, { timeout: 30_000 }).toBe(PEOPLE);
    expect(new Set(box.received.map((mail) => mail.header('message-id'))).size).toBe(PEOPLE);
    expect(box.received.length).toBeLessThanOrEqual(PEOPLE + ON_THEIR_WAY);
  }, 240_000);
});
