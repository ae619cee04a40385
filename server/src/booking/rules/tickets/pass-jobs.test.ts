import { describe, expect, it } from 'vitest';
import { decide } from '../decide.ts';
import { book, booked, cancel, edit, EVENT_ID, idOf, minutes, NOW, stateOf } from '../decide.fixture.ts';
import type { SettingsChanges } from '../command.ts';

const passJobs = (state: ReturnType<typeof stateOf>, command: Parameters<typeof decide>[1][number]) =>
  decide(state, [command], NOW).jobs.filter(({ kind }) => kind === 'update-passes');

describe('the job that updates tickets in wallets', () => {
  const alice = booked('alice', 2);

  it.each<[string, SettingsChanges]>([
    ['title', { title: 'Another title' }],
    ['venue', { venue: 'Another hall' }],
    ['address', { address: 'Another street 1' }],
    ['start', { startsAt: minutes(600) }],
    ['doors', { doorsAt: minutes(1) }],
  ])('follows an edit of the %s, for the whole event', (_what, changes) => {
    const payload = { eventId: EVENT_ID, change: 'edit-4', bookingIds: null };
    expect(passJobs(stateOf({}, [alice]), edit(changes))).toEqual([
      { key: `update-passes:${EVENT_ID}:edit-4`, kind: 'update-passes', payload },
    ]);
  });

  it('follows no edit that tickets do not show, nor one of an event without bookings', () => {
    expect(passJobs(stateOf({}, [alice]), edit({ totalSeats: 20, description: 'More' }))).toEqual([]);
    expect(passJobs(stateOf(), edit({ title: 'Another title' }))).toEqual([]);
  });

  it('follows the end of one seat’s own ticket', () => {
    const ticket = { type: 't1', number: 1, issue: 0 };
    const revoke = { type: 'revokeTicket', bookingId: alice.id, actor: idOf('alice'), ticket } as const;
    const change = `${alice.id}-${alice.version + 1}`;
    expect(passJobs(stateOf({}, [alice]), revoke)).toMatchObject([{ payload: { change, bookingIds: [alice.id] } }]);
  });

  it('is not added by sales and cancellations, whose notification jobs add it', () => {
    expect(passJobs(stateOf(), book('alice', 1))).toEqual([]);
    expect(passJobs(stateOf({}, [alice]), cancel(alice))).toEqual([]);
  });
});
