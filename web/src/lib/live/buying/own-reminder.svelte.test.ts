import { expect, test } from 'vitest';
import type { Reminder } from '#shared/events/reminder.ts';
import { anEvent, FakeConnection } from '../fixtures.ts';
import { OwnReminder } from './own-reminder.svelte.ts';

const EVENT_ID = anEvent().id;
const OPENS_AT = '2026-10-05T10:00:00.000Z';

function aReminder(more: Partial<Reminder> = {}): Reminder {
  return { eventId: EVENT_ID, version: 1, status: 'waiting', salesOpenAt: null, ...more };
}

/** The loaded reminder of an event or a ticket type, on an account with these reminders. */
async function loadedReminder(reminders: Reminder[], ticketType?: string) {
  const connection = new FakeConnection();
  connection.answer = ({ command, input }) => {
    const data = command === 'listReminders' ? { reminders } : { ...aReminder({ version: 9 }), ...(input as object) };
    return { ok: true, data };
  };
  const own = new OwnReminder(connection, EVENT_ID, ticketType);
  own.start();
  await expect.poll(() => own.isLoaded).toBe(true);
  return { connection, own };
}

test('of the reminders of an event, that of the event and that of a type are kept apart', async () => {
  const reminders = [aReminder({ ticketType: 't2' }), aReminder({ eventId: 'f'.repeat(24), ticketType: 't1' })];
  expect((await loadedReminder(reminders)).own.statusFor(OPENS_AT)).toBeNull();
  expect((await loadedReminder(reminders, 't1')).own.statusFor(OPENS_AT)).toBeNull();
  const { connection, own } = await loadedReminder(reminders, 't2');
  expect(own.statusFor(OPENS_AT)).toBe('waiting');
  connection.push('reminderChanged', aReminder({ version: 2, status: 'ended' }));
  expect(own.statusFor(OPENS_AT), 'that of the event').toBe('waiting');
  connection.push('reminderChanged', aReminder({ version: 2, status: 'ended', ticketType: 't2' }));
  expect(own.statusFor(OPENS_AT)).toBeNull();
});

test('a reminder that was sent counts for the opening that it named alone', async () => {
  const sent = aReminder({ status: 'sent', salesOpenAt: OPENS_AT, ticketType: 't2' });
  const { own } = await loadedReminder([sent], 't2');
  expect(own.statusFor(OPENS_AT)).toBe('sent');
  expect(own.statusFor('2026-10-06T10:00:00.000Z')).toBeNull();
});

test('the wish for a reminder of a type names the type, that of an event does not', async () => {
  const [ofEvent, ofType] = [await loadedReminder([]), await loadedReminder([], 't2')];
  await ofEvent.own.remind();
  await ofType.own.remind();
  await ofType.own.forget();
  expect(ofEvent.connection.sent.at(-1)).toEqual({ command: 'remindMe', input: { eventId: EVENT_ID } });
  const input = { eventId: EVENT_ID, ticketType: 't2' };
  expect(ofType.connection.sent.slice(-2)).toEqual([
    { command: 'remindMe', input },
    { command: 'forgetReminder', input },
  ]);
});
