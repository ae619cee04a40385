import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { anEvent, FakeConnection, anAvailability } from './fixtures.ts';
import { EventStore } from './event-store.svelte.ts';
import { SeatStore } from './seat-store.svelte.ts';

test('pushed counts are newer than what the page was rendered with', () => {
  const far = new FakeConnection();
  const seats = new SeatStore(far);
  const rendered = anAvailability({ version: 3, availableSeats: 50 });
  expect(seats.of(rendered)).toBe(rendered);
  far.push('availabilityChanged', { changes: [anAvailability({ version: 4, availableSeats: 48 })] });
  expect(seats.of(rendered).availableSeats).toBe(48);
});

test('a push that was overtaken changes nothing', () => {
  const far = new FakeConnection();
  const seats = new SeatStore(far);
  seats.take(anAvailability({ version: 9, availableSeats: 1 }));
  far.push('availabilityChanged', { changes: [anAvailability({ version: 8, availableSeats: 2 })] });
  expect(seats.of(anAvailability({ version: 1 })).availableSeats).toBe(1);
});

test('what shows one event is not told of another one', () => {
  const far = new FakeConnection();
  const seats = new SeatStore(far);
  seats.take(anAvailability());
  let runs = 0;
  const stop = $effect.root(() => {
    $effect(() => {
      runs += 1;
      seats.of(anAvailability());
    });
  });
  flushSync();
  far.push('availabilityChanged', { changes: [anAvailability({ eventId: 'f'.repeat(24), version: 5 })] });
  flushSync();
  expect(runs).toBe(1);
  far.push('availabilityChanged', { changes: [anAvailability({ version: 5 })] });
  flushSync();
  expect(runs).toBe(2);
  stop();
});

test('an edit brings new text, and its seats only where they are newer', () => {
  const far = new FakeConnection();
  const seats = new SeatStore(far);
  const events = new EventStore(far, seats);
  events.take(anEvent({ version: 7, availableSeats: 10 }));
  far.push('eventChanged', anEvent({ revision: 2, title: 'Jazz im Saal', version: 6, availableSeats: 20 }));
  expect(events.of(anEvent()).title).toBe('Jazz im Saal');
  expect(seats.of(anEvent()).availableSeats).toBe(10);
});
