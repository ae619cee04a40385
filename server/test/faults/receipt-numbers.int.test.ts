import { describe, expect, it } from 'vitest';
import type { App } from '#server/app/app.ts';
import type { ReceiptDoc } from '#server/models/receipts/receipt.ts';
import { bookCommand, createEvent, userId } from '../support/engine-world.ts';
import { testDatabaseUri } from '../support/database/test-database.ts';
import { bookingOf } from '../support/outcomes.ts';
import { PRICE } from '../support/payments/demo-payments.ts';
import { payHold } from '../support/payments/pay-hold.ts';
import { startServer } from '../support/server-process.ts';
import { testApp } from '../support/test-app.ts';
import { commitOf, stallingProxy } from './payment-kills/stalling-proxy.ts';

const POLL = { timeout: 40_000 };
const BUYERS = 200;

type Seller = Pick<App, 'engine'>;

/** Books a seat and pays for it. Returns the id of the booking. */
async function buySeat({ engine }: Seller, eventId: string): Promise<string> {
  const { id } = bookingOf(await engine.submit(eventId, bookCommand(userId(), 1)));
  await payHold(engine, eventId, id);
  return id;
}

function storedReceipts({ models }: Pick<App, 'models'>): Promise<ReceiptDoc[]> {
  return models.receipts.find().sort({ number: 1 }).lean<ReceiptDoc[]>().exec();
}

/** Expects one receipt for each booking, numbered from 1 without a gap, and never dated before the one before it. */
function expectGapFree(receipts: readonly ReceiptDoc[], bookings: number): void {
  expect(receipts.map(({ number }) => number)).toEqual(Array.from({ length: bookings }, (_, n) => n + 1));
  expect(new Set(receipts.map(({ bookingId }) => String(bookingId))).size).toBe(bookings);
  const times = receipts.map(({ issuedAt }) => issuedAt.getTime());
  expect(times).toEqual(times.toSorted((one, other) => one - other));
}

describe('the numbers of receipts', () => {
  it(
    `have no gap, and none comes twice, when ${BUYERS} buyers pay at once at two servers`,
    { timeout: 120_000 },
    async (t) => {
      const one = await testApp(t, { env: { RATE_LIMITS: 'off' } });
      const other = await testApp(t, { mongoUri: one.mongoUri, env: { RATE_LIMITS: 'off' } });
      const admin = await one.admin();
      const eventId = await createEvent(one.app, new Date(), { price: PRICE, totalSeats: BUYERS });
      const servers = [one, other];
      const issued = Array.from({ length: BUYERS }, async (_, n) => {
        const server = n % 2 === 0 ? one : other;
        const id = await buySeat(server.app, eventId);
        // Buyers ask at once, at the other server, while the sweep is at work.
        const asked = servers[(n + 1) % 2] ?? one;
        const response = await asked.get(`/api/bookings/${id}/receipts`, { authorization: `Bearer ${admin.token}` });
        return [id, response.status] as const;
      });
      const answers = await Promise.all(issued);
      expect(answers.filter(([, status]) => status !== 200)).toEqual([]);
      expectGapFree(await storedReceipts(one.app), BUYERS);
    },
  );

  it.for([
    ['are not committed', 'request'],
    ['are committed, and the server has no answer', 'answer'],
  ] as const)(
    'have no gap, and none comes twice, when a server is killed with -9 while its receipts %s',
    { timeout: 120_000 },
    async ([, what], t) => {
      const mongoUri = testDatabaseUri();
      const seller = await testApp(t, { mongoUri, isIdle: true });
      const eventId = await createEvent(seller.app, new Date(), { price: PRICE, totalSeats: 100 });
      for (let n = 0; n < 20; n += 1) await buySeat(seller.app, eventId);
      const proxy = await stallingProxy(mongoUri);
      t.onTestFinished(() => proxy.close());
      const insertsReceipts = (packet: Buffer) => packet.includes('insert\0') && packet.includes('fact\0');
      proxy.plan({ name: 'receipts', what, fits: commitOf(insertsReceipts) });
      const server = await startServer({ MONGO_URI: proxy.uri, LOG_LEVEL: 'error' });
      t.onTestFinished(async () => void (await server.end('SIGKILL')));
      await expect.poll(() => proxy.stalled.has('receipts'), POLL).toBe(true);
      await server.end('SIGKILL');
      await buySeat(seller.app, eventId);
      const successor = await testApp(t, { mongoUri });
      successor.clock.offsetMs = 61_000;
      await expect.poll(async () => (await storedReceipts(successor.app)).length, POLL).toBe(21);
      expectGapFree(await storedReceipts(successor.app), 21);
    },
  );
});
