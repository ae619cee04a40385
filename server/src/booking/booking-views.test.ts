import { describe, expect, it } from 'vitest';
import { fromLedgerBooking, toLedgerBooking } from '#server/models/ledger.ts';
import { createBookingViews } from './booking-views.ts';
import { toBookingDoc, toLedgerEvent } from './store/records.ts';
import { booked, held, idOf, minutes, stateOf } from './rules/decide.fixture.ts';

const event = toLedgerEvent(stateOf().event);

function signed() {
  let signatures = 0;
  return { views: createBookingViews(() => `ticket ${(signatures += 1)}`), signatures: () => signatures };
}

describe('the view of a booking', () => {
  const doc = toBookingDoc(booked(idOf('anna'), 2));

  it('is made and signed once for the reply and the push of one change', () => {
    const { views, signatures } = signed();
    const reply = views.reply(doc, event);
    expect(views.replied(reply.id, doc.version)).toBe(reply);
    expect(signatures()).toBe(1);
  });

  it('is not pushed from the reply of another version', () => {
    const { views } = signed();
    const { id } = views.reply(doc, event);
    expect(views.replied(id, doc.version + 1)).toBeNull();
  });

  it('is dropped after its push', () => {
    const { views } = signed();
    const { id } = views.reply(doc, event);
    views.replied(id, doc.version);
    expect(views.replied(id, doc.version)).toBeNull();
  });

  it('is the same when read back from the ledger', () => {
    const { views } = signed();
    for (const each of [doc, toBookingDoc(held(idOf('bert'), 1, minutes(5)))]) {
      const back = fromLedgerBooking(each.eventId, toLedgerBooking(each));
      expect(back).toEqual({ ...each, requested: null });
      expect({ ...views.show(back, event), ticket: null }).toEqual({ ...views.show(each, event), ticket: null });
    }
  });
});
