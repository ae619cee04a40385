import type { Join } from '#server/booking/rules/command.ts';
import type { Answer } from './answer.ts';
import { entryAnswer, refused } from './answer.ts';
import { notOnSale, overBookingLimit, soldOut, userLimit } from './conditions.ts';
import type { ModelBooking, ModelEntry, ModelLine, ModelState } from './state.ts';
import { activeEntry, closesAt, freeSeats, liveHoldOf, numberOf, offerKey, seatsIn } from './state.ts';
import { linesFor, noteBooked, outsideWindow, overLimit, textOf, wrongNumber } from './tickets/rules.ts';

const MINUTE_MS = 60_000;

/** Offers free seats to each entry that fits, in order of position. */
export function serve(state: ModelState, now: number): void {
  if (notOnSale(state, now)) return;
  const { offerMinutes, price } = state.settings;
  const { currency } = price;
  const endsAt = Math.min(now + offerMinutes * MINUTE_MS, closesAt(state));
  for (const entry of [...state.waiting]) {
    const lines = fitting(state, entry, now);
    if (!lines) continue;
    const { user } = entry;
    const key = offerKey(entry.key);
    const seats = seatsIn(lines);
    const sale = { lines, voucher: null, currency, status: 'held', source: 'waitlist', asked: null } as const;
    const seen = { own: new Map(), changes: [], parts: [] };
    const fresh = {
      version: 1,
      provisional: false,
      adoptedFrom: null,
      endedBy: null,
      inside: 0,
      ...seen,
      settling: false,
      attempts: [],
    };
    state.bookings.push({ key, user, seats, ...sale, ...fresh, endsAt, madeAt: now });
    noteBooked(state, lines);
    answer(state, entry, 'offered');
    entry.booking = key;
  }
}

/** What an entry can be offered; null if nothing. */
function fitting(state: ModelState, { user, wants }: ModelEntry, now: number): ModelLine[] | null {
  const wanted = linesFor(state, { tickets: wants });
  if ('refusal' in wanted || liveHoldOf(state, user)) return null;
  const { lines } = wanted;
  const seats = seatsIn(lines);
  const no =
    soldOut(state, seats) ??
    overLimit(state, lines) ??
    outsideWindow(state, lines, now) ??
    overBookingLimit(state, seats) ??
    wrongNumber(state, lines) ??
    userLimit(state, user, seats);
  return no ? null : lines;
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

export function join(state: ModelState, command: Join, now: number): Answer {
  const { userId, requestId, entryId } = command;
  const what = textOf('tickets' in command ? { tickets: command.tickets } : { seats: command.seats });
  const asked = (entry: ModelEntry) => entry.asked.find((request) => request.requestId === requestId);
  const earlier = [...state.waiting, ...state.answered].find((entry) => entry.user === userId && asked(entry));
  if (earlier) return asked(earlier)?.what === what ? entryAnswer(earlier) : refused('REQUEST_ID_REUSED');
  const wanted = linesFor(state, command);
  if ('refusal' in wanted) return wanted.refusal;
  const { lines } = wanted;
  const seats = seatsIn(lines);
  const no =
    notOnSale(state, now) ??
    outsideWindow(state, lines, now) ??
    overBookingLimit(state, seats) ??
    wrongNumber(state, lines) ??
    userLimit(state, userId, seats);
  if (no) return no;
  const entry = activeEntry(state, userId);
  if (entry?.status === 'offered') return refused('INVALID_STATE', { status: 'offered', bookingId: entry.booking });
  if (!soldOut(state, seats) && !overLimit(state, lines))
    return refused('INVALID_STATE', { availableSeats: freeSeats(state) });
  const wants = lines.map(({ type, count }) => ({ type, count }));
  if (entry) return entryAnswer(resize(state, entry, { seats, wants }, { requestId, what }));
  const made = { status: 'waiting', version: 1, asked: [{ requestId, what }], booking: null } as const;
  state.waiting.push({ key: entryId, user: userId, seats, wants, ...made, asked: [...made.asked] });
  return entryAnswer(state.waiting.at(-1) as ModelEntry);
}

function resize(
  state: ModelState,
  entry: ModelEntry,
  { seats, wants }: Pick<ModelEntry, 'seats' | 'wants'>,
  request: ModelEntry['asked'][number],
): ModelEntry {
  const isMore = wants.some(({ type, count }) => count > numberOf(entry.wants, type));
  if (isMore) state.waiting = [...state.waiting.filter((one) => one !== entry), entry];
  return Object.assign(entry, { seats, wants, asked: [...entry.asked, request], version: entry.version + 1 });
}
