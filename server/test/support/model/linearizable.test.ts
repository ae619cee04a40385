import { describe, expect, it } from 'vitest';
import type { Command } from '#server/booking/rules/command.ts';
import { book, idOf, NOW, settings } from '#server/booking/rules/decide.fixture.ts';
import type { Answer } from './answer.ts';
import { eventSpec } from './event-spec.ts';
import type { Asked } from './event-spec.ts';
import type { Operation } from './linearizable.ts';
import { linearize } from './linearizable.ts';
import { playBatch } from './model.ts';
import { pictureOfModel } from './picture.ts';
import { newState } from './state.ts';

type Event = Operation<Asked, Answer>;

const TOTAL = 3;
const at = NOW.getTime();

function op(calledAt: number, answeredAt: number, command: Command, output: Answer | null): Event {
  return { calledAt, answeredAt, output, input: { command, now: at } };
}

function sold(key: string, seats: number): Answer {
  const state = { status: 'confirmed', source: 'direct', version: 1, endsAt: null, endedBy: null } as const;
  return { ok: true, booking: { key, seats, tickets: `${seats} t1 0 1`, ...state } };
}

function soldOutAnswer(availableSeats: number): Answer {
  return { ok: false, code: 'SOLD_OUT', details: { availableSeats } };
}

const alice = book('alice', 2, { bookingId: 'a' });
const bob = book('bob', 2, { bookingId: 'b' });
const carol = book('carol', 1, { bookingId: 'c' });
const start = () => newState(settings(), TOTAL, 1);
const verdict = (history: Event[]) => linearize(history, eventSpec(start(), null)).linearizable;

describe('a linearizable history', () => {
  it('may order overlapping operations either way', () => {
    expect(verdict([op(0, 9, alice, soldOutAnswer(1)), op(1, 8, bob, sold('b', 2))])).toBe(true);
    expect(verdict([op(0, 9, alice, sold('a', 2)), op(1, 8, bob, soldOutAnswer(1))])).toBe(true);
  });

  it('may have an unanswered operation, carried out or not', () => {
    expect(verdict([op(0, Infinity, alice, null), op(5, 6, bob, soldOutAnswer(1))])).toBe(true);
    expect(verdict([op(0, Infinity, alice, null), op(5, 6, bob, sold('b', 2))])).toBe(true);
  });

  it('may offer seats at once or after the next command, but before the next sale', () => {
    const commands: Command[] = [
      alice,
      carol,
      { type: 'join', userId: idOf('dora'), requestId: 'd', seats: 2, entryId: 'd' },
      { type: 'cancel', bookingId: 'a', actor: idOf('alice'), by: 'buyer', requestId: null, seats: null, reason: null },
      { type: 'leave', userId: idOf('dora') },
    ];
    for (const batches of [[commands], commands.map((command) => [command])]) {
      const state = start();
      const answers = batches.flatMap((batch) => playBatch(state, batch, at));
      const history = commands.map((command, i) => op(2 * i, 2 * i + 1, command, answers[i] as Answer));
      expect(linearize(history, eventSpec(start(), pictureOfModel(state))).linearizable).toBe(true);
    }
  });
});

describe('a history that is not linearizable', () => {
  it('sells the last seats twice', () => {
    expect(verdict([op(0, 9, alice, sold('a', 2)), op(1, 8, bob, sold('b', 2))])).toBe(false);
  });

  it('refuses as SOLD_OUT seats that were not yet taken, or were free again', () => {
    expect(verdict([op(0, 1, bob, soldOutAnswer(1)), op(2, 3, alice, sold('a', 2))])).toBe(false);
    expect(verdict([op(0, 1, alice, sold('a', 2)), op(2, 3, bob, soldOutAnswer(0))])).toBe(false);
  });

  it('forgets a booking that was acknowledged before the next request', () => {
    expect(verdict([op(0, 1, alice, sold('a', 2)), op(2, 3, bob, sold('b', 2))])).toBe(false);
  });

  it('gives a repeated request a second booking', () => {
    const again = { ...carol, bookingId: 'c2' };
    expect(verdict([op(0, 1, carol, sold('c', 1)), op(2, 3, again, sold('c', 1))])).toBe(true);
    expect(verdict([op(0, 1, carol, sold('c', 1)), op(2, 3, again, sold('c2', 1))])).toBe(false);
  });

  it('sells past a waitlist entry that fits', () => {
    const history: Event[] = [];
    const state = start();
    const commands: Command[] = [
      alice,
      carol,
      { type: 'join', userId: idOf('dora'), requestId: 'd', seats: 1, entryId: 'd' },
      { type: 'cancel', bookingId: 'c', actor: idOf('carol'), by: 'buyer', requestId: null, seats: null, reason: null },
    ];
    playBatch(state, commands, at).forEach((answer, i) => {
      history.push(op(2 * i, 2 * i + 1, commands[i] as Command, answer));
    });
    const eve = book('eve', 1, { bookingId: 'e' });
    expect(verdict([...history, op(20, 21, eve, soldOutAnswer(0))])).toBe(true);
    expect(verdict([...history, op(20, 21, eve, sold('e', 1))])).toBe(false);
  });

  it('ends with stored data that differ from its answers', () => {
    const state = start();
    playBatch(state, [alice], at);
    const history = [op(0, 1, alice, sold('a', 2))];
    expect(linearize(history, eventSpec(start(), pictureOfModel(start()))).linearizable).toBe(false);
    expect(linearize(history, eventSpec(start(), pictureOfModel(state))).linearizable).toBe(true);
  });

  it('is reported with its longest valid order and the operations that cannot follow', () => {
    const history = [op(0, 1, alice, sold('a', 2)), op(2, 3, bob, sold('b', 2))];
    const { longest, stuckOn } = linearize(history, eventSpec(start(), null));
    expect([longest, stuckOn]).toEqual([[history[0]], [history[1]]]);
  });
});
