import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventInput, testApp } from '../support/test-app.ts';

const UNKNOWN = 'f'.repeat(24);
const FREE = { amount: 0, currency: 'EUR' };
const REUSED = { ok: false, error: { code: 'REQUEST_ID_REUSED' } };

describe('[I3] a requestId', () => {
  it('of a booking is refused for another input, whatever differs, and belongs to one account', async (t) => {
    const app = await testApp(t);
    const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
    const [event, other] = [
      await admin.must('createEvent', eventInput()),
      await admin.must('createEvent', eventInput()),
    ];
    const input = { requestId: randomUUID(), eventId: event.id, seats: 2 };
    const booking = await alice.must('book', input);
    for (const differs of [{ seats: 3 }, { eventId: other.id }, { eventId: UNKNOWN }, { price: FREE }]) {
      expect(await alice.send('book', { ...input, ...differs })).toMatchObject(REUSED);
    }
    expect(await alice.must('book', input)).toEqual(booking);
    expect((await bob.must('book', input)).id).not.toBe(booking.id);
    expect(await bob.send('book', { ...input, requestId: randomUUID(), eventId: UNKNOWN })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
  });

  it('of a waitlist entry is refused for another input, and may be used for a booking as well', async (t) => {
    const app = await testApp(t);
    const [admin, alice] = [await app.admin(), await app.register('alice')];
    const [event, other] = [
      await admin.must('createEvent', eventInput({ totalSeats: 2 })),
      await admin.must('createEvent', eventInput({ totalSeats: 2 })),
    ];
    const input = { requestId: randomUUID(), eventId: event.id, seats: 3 };
    const entry = await alice.must('joinWaitlist', input);
    for (const differs of [{ seats: 4 }, { eventId: other.id }, { eventId: UNKNOWN }]) {
      expect(await alice.send('joinWaitlist', { ...input, ...differs })).toMatchObject(REUSED);
    }
    expect(await alice.must('joinWaitlist', input)).toEqual(entry);
    // Another command's ids are its own.
    expect(await alice.must('book', { ...input, seats: 1 })).toMatchObject({ status: 'confirmed', seats: 1 });
  });
});
