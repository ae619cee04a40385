import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { User } from '#shared/account.ts';
import { at, newEvent, tokenOf } from '../support/burst.ts';
import { testDatabaseUri } from '../support/database/test-database.ts';
import { mailbox } from '../support/mailbox.ts';
import { PRICE } from '../support/payments/demo-payments.ts';
import { startServer } from '../support/server-process.ts';
import { commandsOf, connected, testApp } from '../support/test-app.ts';
import type { Stall } from './payment-kills/stalling-proxy.ts';
import { commitOf, stallingProxy } from './payment-kills/stalling-proxy.ts';

type Fits = (holder: { userId: Buffer; bookingId: Buffer }) => Stall['fits'];

const isOf = (collection: string, command: string) => (packet: Buffer) =>
  packet.includes(`${command}\0`) && packet.includes(collection);
const adopts = ({ bookingId }: { bookingId: Buffer }) =>
  commitOf((packet) => packet.includes('ledger') && packet.includes(bookingId) && packet.includes('adopted\0'));

/** Each write between the proof of an address and the end of the provisional account. */
const WRITES: Record<string, Fits> = {
  'the commit that uses the code up': ({ userId }) =>
    commitOf(
      (packet) => packet.includes('provisionalAccounts') && packet.includes('takenOverBy') && packet.includes(userId),
    ),
  'the new session': () => isOf('sessions', 'insert'),
  'the commit that changes the owner': adopts,
  'the end of the account': () => isOf('provisionalAccounts', 'delete'),
  'the end of its session': () => (packet) => isOf('sessions', 'update')(packet) && packet.includes('logged_out'),
};

const ROWS = Object.entries(WRITES).flatMap(([write, fits]) =>
  [
    { what: 'request' as const, when: 'before', isKnown: true },
    { what: 'answer' as const, when: 'after', isKnown: false },
  ].map(({ when, ...row }) => ({ name: `${write}, ${when} it`, fits, ...row })),
);

const headers = { 'content-type': 'application/json' };
const post = (url: string, path: string, body: object, token?: string) =>
  fetch(`${url}/api/auth${path}`, {
    method: 'POST',
    headers: token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

describe('[F7] [I1] [I3] a server that is killed with -9 while a person takes a hold over', () => {
  it.for(ROWS)(
    'is replaced by another at $name: the hold is the person’s or the visitor’s, once',
    { timeout: 120_000 },
    async ({ fits, what, isKnown }, t) => {
      const box = await mailbox(t);
      const mongoUri = testDatabaseUri();
      const proxy = await stallingProxy(mongoUri);
      const admin = { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: 'correct horse' };
      const server = await startServer({ ...admin, SMTP_URL: box.url, RATE_LIMITS: 'off', MONGO_URI: proxy.uri });
      t.onTestFinished(async () => {
        await server.end('SIGKILL');
        await proxy.close();
      });
      const { url } = server;
      const eventId = await newEvent(t, url, 100, { price: PRICE, holdMinutes: 60 });
      if (isKnown) await tokenOf(url, 'mia');
      const { user, token } = (await (await post(url, '/provisional', {})).json()) as { user: User; token: string };
      const visitor = await at(t, url, token);
      const hold = await visitor.must('book', { requestId: crypto.randomUUID(), eventId, seats: 2 });
      const email = 'mia@example.org';
      await post(url, '/code', { email });
      const mail = await box.mail(email, /\d{6}/);
      const code = /\d{6}/.exec(mail.header('subject'))?.[0] ?? '';

      const holder = { userId: Buffer.from(user.id, 'hex'), bookingId: Buffer.from(hold.id, 'hex') };
      proxy.plan({ name: 'kill', what, fits: fits(holder) });
      const proved = post(url, '/code/verify', { email, code, name: 'Mia' }, token).catch(() => null);
      await expect.poll(() => proxy.stalled.has('kill'), { timeout: 60_000 }).toBe(true);
      await server.end('SIGKILL');
      await proved;

      const app = await testApp(t, { mongoUri, env: { RATE_LIMITS: 'off', SMTP_URL: box.url } });
      const { models } = app.app;
      const marked = async () => models.provisionalAccounts.findById(user.id).lean();
      const wasProved = (await marked()) === null || (await marked())?.takenOverBy !== undefined;
      app.clock.pass(20_000);
      if (wasProved) {
        const isDone = async () => [
          (await marked())?._id ?? null,
          await models.sessions.countDocuments({ provisional: true, ended: null }),
        ];
        await expect.poll(isDone, { timeout: 60_000 }).toEqual([null, 0]);
        const owner = await models.users.findOne({ email }).lean();
        const stored = await models.bookings.findById(new ObjectId(hold.id)).lean();
        expect([String(stored?.userId), stored?.status, stored?.provisional, stored?.version]).toEqual([
          String(owner?._id),
          'held',
          undefined,
          2,
        ]);
      } else {
        const again = commandsOf(await connected(app.open('/booking', token)));
        expect(await again.must('getBooking', { bookingId: hold.id })).toMatchObject({
          status: 'held',
          provisional: true,
        });
        // The database itself ends the transaction of the dead server, after a minute at most.
        const prove = async () => {
          const input = { email, code, name: 'Mia' };
          const reply = await app.post('/api/auth/code/verify', input, { authorization: `Bearer ${token}` });
          return (await reply.json()) as object;
        };
        const isProved = { takenOver: { adopted: [{ id: hold.id }] } };
        await expect.poll(prove, { timeout: 80_000, interval: 1_000 }).toMatchObject(isProved);
      }
      expect(await models.ledger.countDocuments({ 'entries.kind': 'adopted' })).toBe(1);
    },
  );
});
