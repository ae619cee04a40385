import { describe, expect, it } from 'vitest';
import type { Availability } from '#shared/event.ts';
import { addFrame, emptySeatLog, forgetUpTo, statesSince } from './seat-log.ts';

/** The number of events whose states are kept. */
const MOST_EVENTS = 10_000;

function seats(eventId: string, version: number): Availability {
  const counters = { totalSeats: 100, availableSeats: 50, heldSeats: 0, soldSeats: 50, waitingCount: 0 };
  return { eventId, version, ...counters, holdsUntil: null };
}

describe('what a client lacks', () => {
  it('is the newest state of each event that changed after its last frame', () => {
    const log = emptySeatLog();
    addFrame(log, [seats('a', 1), seats('b', 1)]);
    addFrame(log, [seats('a', 2)]);
    addFrame(log, [seats('a', 3), seats('c', 1)]);
    expect(log.head).toBe(3);
    expect(statesSince(log, 0)).toEqual([seats('b', 1), seats('a', 3), seats('c', 1)]);
    expect(statesSince(log, 1)).toEqual([seats('a', 3), seats('c', 1)]);
    expect(statesSince(log, 3)).toEqual([]);
  });

  it('is kept for the client that is furthest behind, and forgotten behind it', () => {
    const log = emptySeatLog();
    addFrame(log, [seats('a', 1)]);
    addFrame(log, [seats('b', 1)]);
    forgetUpTo(log, 1);
    expect([...log.states.keys()]).toEqual(['b']);
    expect(statesSince(log, 1)).toEqual([seats('b', 1)]);
    forgetUpTo(log, 2);
    expect(log.states.size).toBe(0);
  });

  it('is bounded: a client that lacks states which were dropped cannot be brought up to date', () => {
    const log = emptySeatLog();
    addFrame(log, [seats('first', 1)]);
    addFrame(
      log,
      Array.from({ length: MOST_EVENTS - 1 }, (_, index) => seats(String(index), 1)),
    );
    expect(statesSince(log, 0)).toHaveLength(MOST_EVENTS);
    addFrame(log, [seats('last', 1)]);
    expect(log.states.size).toBe(MOST_EVENTS);
    expect(statesSince(log, 0)).toBeNull();
    expect(statesSince(log, 1)).toHaveLength(MOST_EVENTS);
  });
});
