import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { anEvent, FakeConnection, anAvailability } from './fixtures.ts';
import { EventStore } from './event-store.svelte.ts';
import { SeatStore } from './seat-store.svelte.ts';

test('pushed seat counts replace those of the rendered page', () => {
  const connection = new FakeConnection();
  const seats = new SeatStore(connection);
  const rendered = anAvailability({ version: 3, availableSeats: 50 });
  expect(seats.of(rendered)).toBe(rendered);
  connection.push('availabilityChanged', { changes: [anAvailability({ version: 4, availableSeats: 48 })] });
  expect(seats.of(rendered).availableSeats).toBe(48);
});

test('a pushed seat count of an older version is ignored', () => {
  const connection = new FakeConnection();
  const seats = new SeatStore(connection);
  seats.take(anAvailability({ version: 9, availableSeats: 1 }));
  connection.push('availabilityChanged', { changes: [anAvailability({ version: 8, availableSeats: 2 })] });
  expect(seats.of(anAvailability({ version: 1 })).availableSeats).toBe(1);
});

test('an effect that reads the seats of one event does not run for another event', () => {
  const connection = new FakeConnection();
  const seats = new SeatStore(connection);
  seats.take(anAvailability());
  let runs = 0;
  const stop = $effect.root(() => {
    $effect(() => {
      runs += 1;
      seats.of(anAvailability());
    });
  });
  flushSync();
  connection.push('availabilityChanged', { changes: [anAvailability({ eventId: 'f'.repeat(24), version: 5 })] });
  flushSync();
  expect(runs).toBe(1);
  connection.push('availabilityChanged', { changes: [anAvailability({ version: 5 })] });
  flushSync();
  expect(runs).toBe(2);
  stop();
});

test('an edited event brings its text, and its seat counts only if they are newer', () => {
  const connection = new FakeConnection();
  const seats = new SeatStore(connection);
  const events = new EventStore(connection, seats);
  events.take(anEvent({ version: 7, availableSeats: 10 }));
  connection.push('eventChanged', anEvent({ revision: 2, title: 'Jazz im Saal', version: 6, availableSeats: 20 }));
  expect(events.of(anEvent()).title).toBe('Jazz im Saal');
  expect(seats.of(anEvent()).availableSeats).toBe(10);
});
