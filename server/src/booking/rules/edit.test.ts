import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { ChangeImage, SettingsChanges } from './command.ts';
import { booked, cancel, edit, EVENT_ID, held, idOf, minutes, NOW, stateOf } from './decide.fixture.ts';

const TAKEN_BACK = { bookings: 2, seats: 5, refunds: { count: 1, amount: 4_000, currency: 'EUR' }, waiting: 3 };
const CANCEL = { type: 'cancelEvent', actor: idOf('admin'), reason: 'Storm' } as const;

describe('cancelling an event', () => {
  it('adds the job in the same decision, with the seats to cancel', () => {
    const decision = decide({ ...stateOf(), cancellation: TAKEN_BACK }, [CANCEL], NOW);
    expect(decision.event).toMatchObject({ cancelReason: 'Storm', settings: { status: 'cancelled' }, version: 7 });
    const payload = { eventId: EVENT_ID, actor: idOf('admin'), reason: 'Storm', taken: TAKEN_BACK };
    expect(decision.jobs).toEqual([{ key: `cancel-event:${EVENT_ID}`, kind: 'cancel-event', payload }]);
  });

  it('again edits nothing, keeps the first reason and adds the job under the same key', () => {
    const state = stateOf({ status: 'cancelled' });
    const cancelled = { ...state, event: { ...state.event, cancelReason: 'Storm' }, cancellation: TAKEN_BACK };
    const decision = decide(cancelled, [{ ...CANCEL, reason: 'Other' }], NOW);
    expect(decision).toMatchObject({ edited: false, event: { cancelReason: 'Storm', revision: 3 } });
    expect(decision.jobs).toMatchObject([{ key: `cancel-event:${EVENT_ID}`, payload: { reason: 'Storm' } }]);
  });

  it('cancels held and confirmed bookings, after cancelUntil and after check-in too', () => {
    const bookings = [held('alice', 2, minutes(5)), booked('bob', 3, { checkedInSeats: 3 })];
    const state = stateOf({ status: 'cancelled', cancelBeforeHours: 8_760 }, bookings);
    const more = { by: 'event', actor: idOf('admin'), reason: 'Storm' } as const;
    const commands = bookings.map((booking) => cancel(booking, more));
    const decision = decide(state, commands, NOW);
    const ended = { by: 'event', reason: 'Storm', at: NOW };
    expect(decision.outcomes).toMatchObject([{ booking: { ended } }, { booking: { ended } }]);
    expect(decision.event.counters).toMatchObject({ availableSeats: 10, heldSeats: 0, soldSeats: 0 });
  });

  it('is the only command that adds the job', () => {
    const { jobs } = decide(stateOf(), [cancel(booked('bob', 1))], NOW);
    expect(jobs.filter(({ kind }) => kind === 'cancel-event')).toEqual([]);
  });
});

describe('the start of a published event', () => {
  const AT_START = [{ path: ['changes', 'startsAt'], code: 'past' }];
  const outcomeOf = (before: Parameters<typeof stateOf>[0], changes: SettingsChanges) =>
    decide(stateOf(before), [edit(changes)], NOW).outcomes;
  const draft = { status: 'draft', startsAt: minutes(-1) } as const;

  it('cannot be moved to now or into the past', () => {
    for (const startsAt of [minutes(-1), NOW]) {
      expect(outcomeOf({}, { startsAt })).toMatchObject([{ error: { code: 'INVALID_INPUT', issues: AT_START } }]);
    }
    expect(outcomeOf({}, { startsAt: new Date(NOW.getTime() + 1) })).toMatchObject([{ ok: true }]);
  });

  it('cannot be in the past when its draft is published', () => {
    expect(outcomeOf(draft, { status: 'published' })).toMatchObject([{ error: { issues: AT_START } }]);
    expect(outcomeOf(draft, { status: 'published', startsAt: minutes(1) })).toMatchObject([{ ok: true }]);
  });

  it('may be in the past while it is a draft', () => {
    expect(outcomeOf(draft, { startsAt: minutes(-2) })).toMatchObject([{ ok: true }]);
    expect(outcomeOf({}, { startsAt: minutes(-2), status: 'draft' })).toMatchObject([{ ok: true }]);
  });

  it('may be in the past in all other edits of an event that has begun', () => {
    const begun = { startsAt: minutes(-60), endsAt: minutes(60) };
    expect(outcomeOf(begun, { title: 'Blues', endsAt: minutes(90) })).toMatchObject([{ ok: true }]);
    expect(outcomeOf(begun, { startsAt: minutes(-60), venue: 'Pier 9' })).toMatchObject([{ ok: true }]);
    expect(outcomeOf(begun, { startsAt: minutes(-61) })).toMatchObject([{ error: { issues: AT_START } }]);
  });
});

describe('a recount', () => {
  const right = { totalSeats: 10, availableSeats: 6, heldSeats: 1, soldSeats: 3 };

  it('sets the counters from the ledger, continues its numbers as the version, and moves no seats', () => {
    const state = {
      ...stateOf(),
      otherHoldsUntil: minutes(5),
      recounted: {
        counters: right,
        tickets: new Map([['t1', { held: 1, sold: 3 }]]),
        vouchers: new Map(),
        seq: 4,
        waitingCount: 2,
      },
    };
    const decision = decide(state, [{ type: 'recount' }], NOW);
    expect(decision.outcomes).toEqual([{ ok: true, event: true }]);
    const { event, ledgerEntries, recounted } = decision;
    expect(event).toMatchObject({ counters: right, version: 5, waitingCount: 2, holdsUntil: minutes(5), revision: 3 });
    expect(recounted).toBe(true);
    const reason =
      'availableSeats 10 -> 6, heldSeats 0 -> 1, soldSeats 0 -> 3, version 7 -> 4, waitingCount 0 -> 2, held t1 0 -> 1, sold t1 0 -> 3';
    const none = { available: 0, held: 0, sold: 0, booking: null };
    expect(ledgerEntries).toEqual([{ kind: 'recounted', actor: 'system', reason, ...none }]);
  });

  it('is refused if the ledger is not credible', () => {
    const decision = decide(stateOf(), [{ type: 'recount' }], NOW);
    expect(decision.outcomes).toMatchObject([{ error: { code: 'INVALID_STATE', details: { reason: 'ledger' } } }]);
    expect(decision).toMatchObject({ recounted: false, ledgerEntries: [], event: { version: 7 } });
  });
});

describe('an edit of a sample', () => {
  const state = stateOf({}, [booked('alice', 2)]);
  const sample = { ...state, everBooked: true, event: { ...state.event, isSample: true } };
  const dates = { startsAt: minutes(-60), endsAt: minutes(60) };

  it('by the server moves it, also into the past, without notifications, and leaves it a sample', () => {
    const decision = decide(sample, [{ ...edit(dates), ofSample: { version: 7 } }], NOW);
    expect(decision.outcomes).toMatchObject([{ ok: true }]);
    expect(decision.event).toMatchObject({ isSample: true, moves: [], settings: dates });
    expect(decision.jobs).toEqual([]);
  });

  it('by the server is refused once seats have changed, and for an event that is no sample', () => {
    const refused = [{ error: { code: 'INVALID_STATE', details: { sample: false } } }];
    expect(decide(sample, [{ ...edit(dates), ofSample: { version: 6 } }], NOW).outcomes).toMatchObject(refused);
    expect(decide(state, [{ ...edit(dates), ofSample: { version: 7 } }], NOW).outcomes).toMatchObject(refused);
  });

  it('by an organiser makes it an event like others, whose buyers are notified', () => {
    const decision = decide(sample, [edit({ venue: 'Stadthalle' })], NOW);
    expect(decision.event.isSample).toBe(false);
    expect(decision.jobs.map(({ kind }) => kind)).toEqual(['tell-moved', 'update-passes']);
  });

  it('by an organiser who cancels it leaves it a sample', () => {
    const cancelled = decide({ ...sample, cancellation: TAKEN_BACK }, [CANCEL], NOW);
    expect(cancelled.event).toMatchObject({ isSample: true, settings: { status: 'cancelled' } });
  });
});

describe('an image', () => {
  const stored = { id: 'a'.repeat(32), width: 1_600, height: 900, widths: [480, 960, 1_600] };
  const caption = { alt: 'A stage', focusX: 0.5, focusY: 0 };
  const change = (image: ChangeImage['image']) => ({ type: 'changeImage', actor: idOf('admin'), image }) as const;
  const shown = { ...stateOf(), event: { ...stateOf().event, image: { ...stored, ...caption } } };

  it('is an edit that moves no seats, and makes a sample an event like others', () => {
    const state = stateOf();
    const sample = { ...state, event: { ...state.event, isSample: true } };
    const decision = decide(sample, [change({ ...stored, ...caption })], NOW);
    expect(decision).toMatchObject({ edited: true, ledgerEntries: [], jobs: [] });
    const image = { ...stored, ...caption };
    expect(decision.event).toMatchObject({ image, revision: 4, version: 7, isSample: false });
  });

  it('gets another caption, and is taken away', () => {
    const other = { alt: 'Chairs', focusX: 1, focusY: 1 };
    expect(decide(shown, [change(other)], NOW).event).toMatchObject({ image: { ...stored, ...other }, revision: 4 });
    expect(decide(shown, [change(null)], NOW).event).toMatchObject({ image: null, revision: 4 });
  });

  it('that is there already, or is not, edits nothing', () => {
    expect(decide(shown, [change({ ...stored, ...caption })], NOW)).toMatchObject({
      edited: false,
      event: { revision: 3 },
    });
    expect(decide(shown, [change(caption)], NOW)).toMatchObject({ edited: false, outcomes: [{ ok: true }] });
    expect(decide(stateOf(), [change(null)], NOW)).toMatchObject({ edited: false, outcomes: [{ ok: true }] });
  });

  it('is not given to a cancelled event, and a caption not to an event without one', () => {
    const cancelled = decide(stateOf({ status: 'cancelled' }), [change({ ...stored, ...caption }), change(null)], NOW);
    const refused = { error: { code: 'INVALID_STATE', details: { status: 'cancelled' } } };
    expect(cancelled.outcomes).toMatchObject([refused, refused]);
    const bare = decide(stateOf(), [change(caption)], NOW);
    expect(bare.outcomes).toMatchObject([{ error: { code: 'INVALID_STATE', details: { image: null } } }]);
  });

  it('stays when settings are edited', () => {
    const decision = decide(shown, [edit({ title: 'Blues' })], NOW);
    expect(decision.event).toMatchObject({ image: { ...stored, ...caption }, revision: 4 });
  });
});
