import type { Join } from '#server/booking/rules/command.ts';
import type { Answer } from './answer.ts';
import { entryAnswer, refused } from './answer.ts';
import { notOnSale, overUserLimit } from './conditions.ts';
import type { ModelBooking, ModelParty, ModelState } from './state.ts';
import { activeParty, closesAt, freeSeats, liveHoldOf, offerKey, seatsOf } from './state.ts';

const MINUTE_MS = 60_000;

/** First come, first fitting. */
export function serve(state: ModelState, now: number): void {
  if (notOnSale(state, now)) return;
  const { offerMinutes, price } = state.settings;
  const endsAt = Math.min(now + offerMinutes * MINUTE_MS, closesAt(state));
  for (const party of [...state.line]) {
    if (!fits(state, party)) continue;
    const { user, seats } = party;
    const key = offerKey(party.key);
    const sale = { price, status: 'held', source: 'waitlist', asked: null } as const;
    const fresh = { version: 1, endedBy: null, inside: 0, settling: false, attempts: [] };
    state.bookings.push({ key, user, seats, ...sale, ...fresh, endsAt, madeAt: now });
    answer(state, party, 'offered');
    party.booking = key;
  }
}

function fits(state: ModelState, { user, seats }: ModelParty): boolean {
  const { maxSeatsPerBooking, maxSeatsPerUser } = state.settings;
  if (seats > freeSeats(state) || liveHoldOf(state, user)) return false;
  return seats <= maxSeatsPerBooking && seatsOf(state, user) + seats <= (maxSeatsPerUser ?? Infinity);
}

/** Takes a party out of the line, or gives it another answer later. */
export function answer(state: ModelState, party: ModelParty, status: ModelParty['status']): void {
  party.status = status;
  party.version += 1;
  if (!state.line.includes(party)) return;
  state.line = state.line.filter((one) => one !== party);
  state.answered.push(party);
}

export function answerOffer(state: ModelState, { key }: ModelBooking, status: ModelParty['status']): void {
  const party = state.answered.find(({ booking }) => booking === key);
  if (party) answer(state, party, status);
}

export function join(state: ModelState, { userId, requestId, seats, entryId }: Join, now: number): Answer {
  const asked = (party: ModelParty) => party.asked.find((request) => request.requestId === requestId);
  const earlier = [...state.line, ...state.answered].find((party) => party.user === userId && asked(party));
  if (earlier) return asked(earlier)?.seats === seats ? entryAnswer(earlier) : refused('REQUEST_ID_REUSED');
  const { maxSeatsPerBooking, maxSeatsPerUser } = state.settings;
  const closed = notOnSale(state, now);
  if (closed) return closed;
  if (seats > maxSeatsPerBooking) return refused('LIMIT_EXCEEDED', { limit: maxSeatsPerBooking });
  if (overUserLimit(state, userId, seats)) return refused('LIMIT_EXCEEDED', { limit: maxSeatsPerUser });
  const party = activeParty(state, userId);
  if (party?.status === 'offered') return refused('INVALID_STATE', { status: 'offered', bookingId: party.booking });
  if (seats <= freeSeats(state)) return refused('INVALID_STATE', { availableSeats: freeSeats(state) });
  if (party) return entryAnswer(resize(state, party, { requestId, seats }));
  const made = { status: 'waiting', version: 1, asked: [{ requestId, seats }], booking: null } as const;
  state.line.push({ key: entryId, user: userId, seats, ...made, asked: [...made.asked] });
  return entryAnswer(state.line.at(-1) as ModelParty);
}

function resize(state: ModelState, party: ModelParty, request: ModelParty['asked'][number]): ModelParty {
  if (request.seats > party.seats) state.line = [...state.line.filter((one) => one !== party), party];
  return Object.assign(party, {
    seats: request.seats,
    asked: [...party.asked, request],
    version: party.version + 1,
  });
}
