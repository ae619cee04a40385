import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Availability } from '#shared/event.ts';
import { conflate, emptyConflation, FRAME_MS, frameDueInMs, remember, takeFrame } from './conflate.ts';

/** The number of events whose last seat counts are remembered. */
const MOST_EVENTS = 50_000;

function seats(eventId: string, version: number, availableSeats: number): Availability {
  const counters = { totalSeats: 100, availableSeats, heldSeats: 0, soldSeats: 100 - availableSeats, waitingCount: 0 };
  return { eventId, version, ...counters, holdsUntil: null };
}

describe('seat pushes', () => {
  it('leave at once after a pause', () => {
    const state = emptyConflation();
    expect(conflate(state, seats('a', 1, 99), 1_000)).toBe(0);
    expect(takeFrame(state, 1_000)).toEqual([seats('a', 1, 99)]);
    expect(conflate(state, seats('a', 2, 98), 1_000 + FRAME_MS)).toBe(0);
  });

  it('are gathered into one frame every 50 ms for all events, with the latest state of each', () => {
    const state = emptyConflation();
    conflate(state, seats('a', 1, 99), 1_000);
    takeFrame(state, 1_000);
    expect(conflate(state, seats('a', 2, 98), 1_010)).toBe(40);
    expect(conflate(state, seats('b', 7, 50), 1_020)).toBe(30);
    expect(conflate(state, seats('a', 3, 97), 1_030)).toBe(20);
    expect(takeFrame(state, 1_050)).toEqual([seats('a', 3, 97), seats('b', 7, 50)]);
    expect(takeFrame(state, 1_100)).toEqual([]);
  });

  it('leave at once when an event becomes sold out or available again', () => {
    const state = emptyConflation();
    conflate(state, seats('a', 1, 1), 1_000);
    takeFrame(state, 1_000);
    expect(conflate(state, seats('a', 2, 0), 1_001)).toBe(0);
    takeFrame(state, 1_001);
    expect(conflate(state, seats('a', 3, 0), 1_002)).toBe(49);
    expect(conflate(state, seats('a', 4, 2), 1_003)).toBe(0);
  });

  it('are as far apart as the pace of frames asks, and never less than 50 ms', () => {
    const state = emptyConflation();
    conflate(state, seats('a', 1, 99), 1_000, 400);
    takeFrame(state, 1_000);
    expect(conflate(state, seats('a', 2, 98), 1_010, 400)).toBe(390);
    expect(conflate(state, seats('a', 3, 97), 1_020, 10)).toBe(30);
    expect([frameDueInMs(state, 1_030, 700), frameDueInMs(state, 1_900, 700)]).toEqual([670, 0]);
  });

  it('leave at once, whatever the pace, when an event becomes sold out or available again', () => {
    const state = emptyConflation();
    conflate(state, seats('a', 1, 1), 1_000, 1_000);
    takeFrame(state, 1_000);
    expect(conflate(state, seats('a', 2, 0), 1_001, 1_000)).toBe(0);
    takeFrame(state, 1_001);
    expect(conflate(state, seats('a', 3, 2), 1_002, 1_000)).toBe(0);
  });

  it('leave at once when an event sells out whose earlier state was read rather than pushed', () => {
    const state = emptyConflation();
    remember(state, seats('a', 1, 1));
    conflate(state, seats('b', 1, 5), 1_000);
    takeFrame(state, 1_000);
    expect(conflate(state, seats('a', 2, 0), 1_010)).toBe(0);
  });

  it('drop a lower version, and accept an equal one with other counters', () => {
    const state = emptyConflation();
    conflate(state, seats('a', 5, 40), 1_000);
    expect(conflate(state, seats('a', 4, 41), 1_000)).toBeNull();
    expect(conflate(state, seats('a', 5, 40), 1_000)).toBeNull();
    expect(conflate(state, seats('a', 5, 39), 1_000)).toBe(0);
    expect(takeFrame(state, 1_000)).toEqual([seats('a', 5, 39)]);
  });

  it.each<Partial<Availability>>([
    { totalSeats: 101 },
    { availableSeats: 41 },
    { heldSeats: 1 },
    { soldSeats: 61 },
    { waitingCount: 1 },
    { holdsUntil: '2026-11-23T12:00:00.000Z' },
  ])('are sent for an equal version that differs in %o alone', (differing) => {
    const state = emptyConflation();
    conflate(state, seats('a', 5, 40), 1_000);
    takeFrame(state, 1_000);
    const change = { ...seats('a', 5, 40), ...differing };
    expect(conflate(state, change, 2_000)).toBe(0);
    expect(takeFrame(state, 2_000)).toEqual([change]);
  });

  it('are not sent for a state that arrives after a newer one', () => {
    const state = emptyConflation();
    remember(state, seats('a', 5, 40));
    remember(state, seats('a', 4, 41));
    expect(conflate(state, seats('a', 5, 40), 1_000)).toBeNull();
  });

  it('end with the newest state of every event, in frames at least 50 ms apart', () => {
    const change = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      seats: fc.integer({ min: 1, max: 99 }),
      gapMs: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const state = emptyConflation();
        const shown = new Map<string, Availability>();
        const newest = new Map<string, Availability>();
        const frames: number[] = [];
        let nowMs = 0;
        let dueAtMs = Infinity;
        const frame = (atMs: number) => {
          for (const each of takeFrame(state, atMs)) shown.set(each.eventId, each);
          frames.push(atMs);
          dueAtMs = Infinity;
        };
        changes.forEach(({ id, seats: available, gapMs }, index) => {
          nowMs += gapMs;
          if (dueAtMs <= nowMs) frame(dueAtMs);
          const next = seats(id, index + 1, available);
          newest.set(id, next);
          const dueMs = conflate(state, next, nowMs);
          if (dueMs === 0) frame(nowMs);
          else if (dueMs !== null) dueAtMs = Math.min(dueAtMs, nowMs + dueMs);
        });
        if (dueAtMs < Infinity) frame(dueAtMs);
        expect(shown).toEqual(newest);
        frames.slice(1).forEach((atMs, index) => expect(atMs - (frames[index] ?? 0)).toBeGreaterThanOrEqual(FRAME_MS));
      }),
      { seed: 20_261_123 },
    );
  });
});

describe('the states that are remembered', () => {
  /** A conflation that has been given the states of `count` events in sequence. */
  function filled(count: number) {
    const state = emptyConflation();
    for (let index = 0; index < count; index += 1) remember(state, seats(String(index), 1, 5));
    return state;
  }

  it('are those of the events that changed last, up to a maximum', () => {
    const state = filled(MOST_EVENTS);
    expect(state.latest.has('0')).toBe(true);
    remember(state, seats('0', 2, 4));
    remember(state, seats('new', 1, 5));
    expect([state.latest.size, state.latest.has('0'), state.latest.has('1')]).toEqual([MOST_EVENTS, true, false]);
  });

  it('include every state that has not been pushed yet', () => {
    const state = emptyConflation();
    conflate(state, seats('first', 1, 5), 1_000);
    for (let index = 0; index < MOST_EVENTS; index += 1) remember(state, seats(String(index), 1, 5));
    expect(takeFrame(state, 1_050)).toEqual([seats('first', 1, 5)]);
  });
});
