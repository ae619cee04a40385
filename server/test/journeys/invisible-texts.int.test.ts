import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { book, eventInput, testApp } from '../support/test-app.ts';

/** A letter of Unicode that no screen shows. */
const NOTHING = '\u3164';
const REFUSED = { error: { code: 'INVALID_INPUT' } };

it('a text that people have to write is refused where it shows nothing, in every input', async (t) => {
  const app = await testApp(t);
  const [admin, alice] = await Promise.all([app.admin(), app.register('alice')]);
  const account = { name: NOTHING, email: 'bob@example.org', password: 'correct horse' };
  const profile = { method: 'PATCH', body: JSON.stringify({ name: NOTHING }) };
  const headers = { authorization: `Bearer ${alice.token}`, 'content-type': 'application/json' };
  expect((await app.post('/api/auth/register', account)).status).toBe(400);
  expect((await fetch(`${app.url}/api/auth/me`, { ...profile, headers })).status).toBe(400);

  const event = await admin.must('createEvent', eventInput());
  const booking = await book(alice, event.id, 1);
  for (const field of ['title', 'venue']) {
    expect(await admin.send('createEvent', eventInput({ [field]: NOTHING })), field).toMatchObject(REFUSED);
    const edit = { eventId: event.id, revision: 1, changes: { [field]: NOTHING } };
    expect(await admin.send('updateEvent', edit), field).toMatchObject(REFUSED);
  }
  expect(await admin.send('cancelEvent', { eventId: event.id, reason: NOTHING })).toMatchObject(REFUSED);
  const refund = { requestId: randomUUID(), bookingId: booking.id, amount: 1, reason: NOTHING };
  expect(await admin.send('refundBooking', refund)).toMatchObject(REFUSED);
  expect(await admin.send('cancelBooking', { bookingId: booking.id, reason: NOTHING })).toMatchObject(REFUSED);
});
