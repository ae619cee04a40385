import type { Join } from '#server/booking/rules/command.ts';
import type { Answer } from './answer.ts';
import { entryAnswer, refused } from './answer.ts';
import { notOnSale, overUserLimit } from './conditions.ts';
import type { ModelBooking, ModelEntry, ModelState } from './state.ts';
import { activeEntry, closesAt, freeSeats, liveHoldOf, offerKey, seatsOf } from './state.ts';

const MINUTE_MS = 60_000;

/** Offers free seats to each entry that fits, in order of position. */
export function serve(state: ModelState, now: number): void {
  if (notOnSale(state, now)) return;
  const { offerMinutes, price } = state.settings;
  const endsAt = Math.min(now + offerMinutes * MINUTE_MS, closesAt(state));
  for (const entry of [...state.waiting]) {
    if (!fits(state, entry)) continue;
    const { user, seats } = entry;
    const key = offerKey(entry.key);
    const sale = { price, status: 'held', source: 'waitlist', asked: null } as const;
    const fresh = { version: 1, endedBy: null, inside: 0, changes: [], settling: false, attempts: [] };
    state.bookings.push({ key, user, seats, ...sale, ...fresh, endsAt, madeAt: now });
    answer(state, entry, 'offered');
    entry.booking = key;
  }
}

function fits(state: ModelState, { user, seats }: ModelEntry): boolean {
  const { maxSeatsPerBooking, maxSeatsPerUser } = state.settings;
  if (seats > freeSeats(state) || liveHoldOf(state, user)) return false;
  return seats <= maxSeatsPerBooking && seatsOf(state, user) + seats <= (maxSeatsPerUser ?? Infinity);
}

/** Sets an entry's status, and takes a waiting entry out of the list. */
export function answer(state: ModelState, entry: ModelEntry, status: ModelEntry['status']): void {
  entry.status = status;
  entry.version += 1;
  if (!state.waiting.includes(entry)) return;
  state.waiting = state.waiting.filter((one) => one !== entry);
  state.answered.push(entry);
}

export function answerOffer(state: ModelState, { key }: ModelBooking, status: ModelEntry['status']): void {
  const entry = state.answered.find(({ booking }) => booking === key);
  if (entry) answer(state, entry, status);
}

export function join(state: ModelState, { userId, requestId, seats, entryId }: Join, now: number): Answer {
  const asked = (entry: ModelEntry) => entry.asked.find((request) => request.requestId === requestId);
  const earlier = [...state.waiting, ...state.answered].find((entry) => entry.user === userId && asked(entry));
  if (earlier) return asked(earlier)?.seats === seats ? entryAnswer(earlier) : refused('REQUEST_ID_REUSED');
  const { maxSeatsPerBooking, maxSeatsPerUser } = state.settings;
  const closed = notOnSale(state, now);
  if (closed) return closed;
  if (seats > maxSeatsPerBooking) return refused('LIMIT_EXCEEDED', { limit: maxSeatsPerBooking });
  if (overUserLimit(state, userId, seats)) return refused('LIMIT_EXCEEDED', { limit: maxSeatsPerUser });
  const entry = activeEntry(state, userId);
  if (entry?.status === 'offered') return refused('INVALID_STATE', { status: 'offered', bookingId: entry.booking });
  if (seats <= freeSeats(state)) return refused('INVALID_STATE', { availableSeats: freeSeats(state) });
  if (entry) return entryAnswer(resize(state, entry, { requestId, seats }));
  const made = { status: 'waiting', version: 1, asked: [{ requestId, seats }], booking: null } as const;
  state.waiting.push({ key: entryId, user: userId, seats, ...made, asked: [...made.asked] });
  return entryAnswer(state.waiting.at(-1) as ModelEntry);
}

function resize(state: ModelState, entry: ModelEntry, request: ModelEntry['asked'][number]): ModelEntry {
  if (request.seats > entry.seats) state.waiting = [...state.waiting.filter((one) => one !== entry), entry];
  return Object.assign(entry, {
    seats: request.seats,
    asked: [...entry.asked, request],
    version: entry.version + 1,
  });
}
