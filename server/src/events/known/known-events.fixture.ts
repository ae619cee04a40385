import { Types } from 'mongoose';
import { NOW, settings } from '#server/booking/rules/decide.fixture.ts';
import { firstTicketType } from '#server/booking/rules/state/event-state.ts';
import type { EventDoc } from '#server/models/event.ts';
import { searchFieldsOf } from '#server/models/event.ts';

/** A published event as it is stored. */
export function eventDoc(more: Partial<EventDoc> = {}): EventDoc {
  const { ticketTypes: _types, ticketOrder: _order, ticketTypesMade: _made, ...others } = more;
  const texts = settings(others);
  const type = { ...firstTicketType(texts.price), held: more.heldSeats ?? 0, sold: more.soldSeats ?? 0 };
  return {
    _id: new Types.ObjectId(),
    ...texts,
    ticketTypes: [type],
    ticketOrder: [type.id],
    ticketTypesMade: 1,
    version: 1,
    revision: 1,
    totalSeats: 10,
    availableSeats: 10,
    heldSeats: 0,
    soldSeats: 0,
    waitingCount: 0,
    holdsUntil: null,
    cancelReason: null,
    movedAt: null,
    ...searchFieldsOf(texts),
    createdBy: null,
    requestId: null,
    requestDigest: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...more,
  };
}
