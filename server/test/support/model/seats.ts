import type { Book, Cancel, ChangeHold, CheckIn, Command, Leave } from '#server/booking/rules/command.ts';
import type { Answer } from './answer.ts';
import { bookingAnswer, entryAnswer, partText, refused } from './answer.ts';
import { cancelUntil, notLive, notOnSale, overBookingLimit, soldOut, userLimit } from './conditions.ts';
import { answer, answerOffer } from './waitlist.ts';
import { refundTickets, stopPaying } from './payments.ts';
import { checkInNameless, checkInOne, forgetCancelled } from './own-tickets.ts';
import { notProvisionally, nothingOwed, overShare } from './provisional.ts';
import type { ModelBooking, ModelEntry, ModelState, Wants } from './state.ts';
import { activeEntry, liveAttemptOf, liveHoldOf, numberOf, owedFor, seatsIn } from './state.ts';
import { brokenRest, noteBooked, otherPrice, outsideWindow, overLimit, textOf, wrongNumber } from './tickets/rules.ts';
import { wantedHold, wantedLines } from './vouchers/wanted.ts';

const MINUTE_MS = 60_000;

export function book(state: ModelState, command: Book, now: number): Answer {
  const { settings } = state;
  const { userId, requestId, bookingId } = command;
  const what = textOf(
    'tickets' in command
      ? { tickets: command.tickets, voucher: command.voucher, total: command.total }
      : { seats: command.seats, price: command.price },
  );
  const earlier = state.bookings.find(
    ({ user, adoptedFrom, asked }) => (user === userId || adoptedFrom === userId) && asked?.requestId === requestId,
  );
  if (earlier?.asked) return earlier.asked.what === what ? bookingAnswer(earlier) : refused('REQUEST_ID_REUSED');
  const wanted = wantedLines(state, command, now);
  if ('refusal' in wanted) return wanted.refusal;
  const { lines, voucher } = wanted;
  const seats = seatsIn(lines);
  const { currency } = settings.price;
  const isFree = lines.every(({ amount }) => amount === 0);
  const hold = liveHoldOf(state, userId);
  const no =
    notOnSale(state, now) ??
    outsideWindow(state, lines, now) ??
    overBookingLimit(state, seats) ??
    wrongNumber(state, lines) ??
    otherPrice(command, lines, currency) ??
    (hold && !isFree ? refused('LIMIT_EXCEEDED', { bookingId: hold.key }) : null) ??
    userLimit(state, userId, seats) ??
    soldOut(state, seats) ??
    overLimit(state, lines) ??
    notProvisionally(state, command, lines, seats);
  if (no) return no;
  const made: ModelBooking = {
    key: bookingId,
    user: userId,
    seats,
    lines,
    voucher,
    currency,
    source: 'direct',
    provisional: command.isProvisional ?? false,
    adoptedFrom: null,
    version: 1,
    status: isFree ? 'confirmed' : 'held',
    asked: { requestId, what },
    endsAt: isFree ? null : now + settings.holdMinutes * MINUTE_MS,
    endedBy: null,
    inside: 0,
    own: new Map(),
    changes: [],
    parts: [],
    madeAt: now,
    settling: false,
    attempts: [],
  };
  state.bookings.push(made);
  noteBooked(state, lines);
  return bookingAnswer(made);
}

export function changeHold(state: ModelState, booking: ModelBooking, command: ChangeHold, now: number): Answer {
  const lost = notLive(booking, now);
  if (lost) return lost;
  const wanted = wantedHold(state, booking, command, now);
  if ('refusal' in wanted) return wanted.refusal;
  const { lines, voucher } = wanted;
  const has = (type: string) => numberOf(booking.lines, type);
  const types = new Set([...lines, ...booking.lines].map(({ type }) => type));
  const isSame = [...types].every((type) => numberOf(lines, type) === has(type));
  if (isSame && voucher === booking.voucher) return bookingAnswer(booking);
  const changed = lines.filter(({ type, count }) => count !== has(type));
  const added = lines.map(({ type, count }) => ({ type, count: count - has(type) })).filter(({ count }) => count > 0);
  const seats = seatsIn(lines);
  const no =
    (added.length > 0 ? noMore(state, booking, { changed, added, seats }, now) : noFewer(state, changed)) ??
    (booking.provisional ? nothingOwed(lines) : null) ??
    (booking.provisional && seats > booking.seats ? overShare(state, seats, booking) : null);
  if (no) return no;
  const live = liveAttemptOf(booking);
  if (live) return refused('INVALID_STATE', { status: 'held', payment: live.status });
  Object.assign(booking, { lines, voucher, seats, version: booking.version + 1 });
  noteBooked(state, lines);
  return bookingAnswer(booking);
}

function noFewer(state: ModelState, changed: readonly Wants[]): Answer | null {
  if (state.settings.status === 'cancelled') return refused('SALES_CLOSED', { reason: 'cancelled' });
  return wrongNumber(state, changed);
}

interface Growth {
  changed: readonly Wants[];
  added: readonly Wants[];
  seats: number;
}

function noMore(state: ModelState, booking: ModelBooking, { changed, added, seats }: Growth, now: number) {
  const more = seats - booking.seats;
  return (
    notOnSale(state, now) ??
    outsideWindow(state, added, now) ??
    (more > 0 ? overBookingLimit(state, seats) : null) ??
    wrongNumber(state, changed) ??
    (more > 0 ? userLimit(state, booking.user, more) : null) ??
    soldOut(state, more) ??
    overLimit(state, added)
  );
}

export function confirm(state: ModelState, booking: ModelBooking, now: number): Answer {
  if (booking.status === 'confirmed') return bookingAnswer(booking);
  const lost = notLive(booking, now);
  if (lost) return lost;
  if (state.settings.status === 'cancelled') return refused('SALES_CLOSED', { reason: 'cancelled' });
  const owes = owedFor(booking);
  if (owes.amount > 0) return refused('INVALID_STATE', { status: 'held', owes });
  return sell(state, booking);
}

export function sell(state: ModelState, booking: ModelBooking): Answer {
  Object.assign(booking, {
    status: 'confirmed',
    settling: false,
    endsAt: null,
    endedBy: null,
    version: booking.version + 1,
  });
  answerOffer(state, booking, 'fulfilled');
  return bookingAnswer(booking);
}

export function cancel(state: ModelState, booking: ModelBooking, command: Cancel, now: number): Answer {
  return once(state, booking, command, () => cancelNow(state, booking, command, now));
}

function cancelNow(state: ModelState, booking: ModelBooking, command: Cancel, now: number): Answer {
  const { seats, tickets, by } = command;
  if (booking.status === 'cancelled') return bookingAnswer(booking);
  if (booking.status === 'expired') return refused('INVALID_STATE', { status: 'expired' });
  if (booking.status === 'held') {
    if (seats !== null || tickets) return refused('INVALID_STATE', { status: 'held' });
    stopPaying(booking, now);
    return end(state, booking, 'cancelled', by, by === 'buyer' ? 'left' : 'closed');
  }
  if (by !== 'event' && booking.inside > 0) return refused('INVALID_STATE', { checkedInSeats: booking.inside });
  const { lines } = booking;
  const [first] = lines;
  const isPlain = lines.length === 1 && first?.seats === 1;
  if (!tickets && seats !== null && !isPlain) return refused('INVALID_INPUT');
  const back = tickets ?? (seats === null ? lines : [{ type: first?.type ?? '', count: seats }]);
  if (back.some(({ type, count }) => count > numberOf(lines, type))) {
    const details = { tickets: lines.map(({ type, count }) => ({ type, count })) };
    return refused('INVALID_STATE', tickets ? details : { seats: booking.seats });
  }
  const until = cancelUntil(state, booking);
  if (by === 'buyer' && now > until) {
    return refused('INVALID_STATE', { cancelUntil: new Date(until).toISOString() });
  }
  const rest = lines
    .map((line) => ({ ...line, count: line.count - numberOf(back, line.type) }))
    .filter(({ count }) => count > 0);
  const broken = by === 'buyer' && rest.length > 0 ? brokenRest(state, rest) : null;
  if (broken) return broken;
  const amount = refundTickets(booking, rest.length > 0 ? back : null);
  if (rest.length === 0) return end(state, booking, 'cancelled', by, null);
  const gone = lines.map((line) => ({ ...line, count: numberOf(back, line.type) })).filter(({ count }) => count > 0);
  const part = partText({ by: by === 'buyer' ? by : 'organiser', amount, at: now, lines: gone });
  const parts = [...booking.parts, part];
  Object.assign(booking, { lines: rest, seats: seatsIn(rest), parts, version: booking.version + 1 });
  forgetCancelled(booking);
  return bookingAnswer(booking);
}

/** Checks in `seats`; null: all that are not checked in yet. */
export function checkIn(state: ModelState, booking: ModelBooking, command: CheckIn): Answer {
  return once(state, booking, command, () => checkInNow(state, booking, command));
}

function checkInNow(state: ModelState, booking: ModelBooking, { seats, personal }: CheckIn): Answer {
  if (booking.status !== 'confirmed') return refused('INVALID_STATE', { status: booking.status });
  if (state.settings.status === 'cancelled') return refused('INVALID_STATE', { event: 'cancelled' });
  if (personal) return checkInOne(booking, personal, seats);
  const outside = booking.seats - booking.inside;
  if (outside === 0) return bookingAnswer(booking);
  if ((seats ?? 0) > outside) {
    return refused('INVALID_STATE', { seats: booking.seats, checkedInSeats: booking.inside });
  }
  checkInNameless(booking, seats ?? outside);
  booking.version += 1;
  return bookingAnswer(booking);
}

function changeKey({ type, actor, requestId }: Pick<Cancel | CheckIn, 'type' | 'actor' | 'requestId'>): string {
  return `${type} of ${actor}: ${requestId}`;
}

function changedBy(state: ModelState, key: string): ModelBooking | undefined {
  return state.bookings.find(({ changes }) => changes.some((one) => one.key === key));
}

/** A command about a booking that does not exist, whose request may have changed another one. */
export function onNoBooking(state: ModelState, command: Command): Answer {
  const isChange = command.type === 'cancel' || command.type === 'checkIn';
  const isUsed = isChange && command.requestId !== null && changedBy(state, changeKey(command)) !== undefined;
  return refused(isUsed ? 'REQUEST_ID_REUSED' : 'NOT_FOUND');
}

/** A request that has changed a booking changes nothing again; with another input its id is refused. */
function once(state: ModelState, booking: ModelBooking, command: Cancel | CheckIn, change: () => Answer): Answer {
  const { type, actor, requestId, seats } = command;
  if (requestId === null) return change();
  const seat = command.type === 'checkIn' && command.personal ? command.personal : null;
  const tickets = 'tickets' in command ? (command.tickets ?? null) : null;
  const part = `${textOf({ seats, tickets })} ${seat?.type} ${seat?.number}`;
  const key = changeKey({ type, actor, requestId });
  const changed = changedBy(state, key);
  if (changed) {
    const same = changed === booking && changed.changes.some((one) => one.key === key && one.part === part);
    return same ? bookingAnswer(booking) : refused('REQUEST_ID_REUSED');
  }
  const { version } = booking;
  const answer = change();
  if (booking.version > version) booking.changes = [...booking.changes, { key, part }];
  return answer;
}

export function end(
  state: ModelState,
  booking: ModelBooking,
  status: 'cancelled' | 'expired',
  endedBy: ModelBooking['endedBy'],
  offer: ModelEntry['status'] | null,
): Answer {
  const endsAt = status === 'expired' ? booking.endsAt : null;
  Object.assign(booking, { status, settling: false, endedBy, endsAt, version: booking.version + 1 });
  if (offer) answerOffer(state, booking, offer);
  return bookingAnswer(booking);
}

export function leave(state: ModelState, { userId }: Leave, now: number): Answer {
  const entry = activeEntry(state, userId);
  if (!entry) {
    const last = state.answered.findLast(({ user }) => user === userId);
    return last?.status === 'left' ? entryAnswer(last) : refused('NOT_FOUND');
  }
  const offer = state.bookings.find(({ key }) => key === entry.booking);
  const by = { actor: userId, by: 'buyer', requestId: null } as const;
  const declined = { type: 'cancel', bookingId: '', ...by, seats: null, reason: null } as const;
  if (offer) cancel(state, offer, declined, now);
  else answer(state, entry, 'left');
  return entryAnswer(entry);
}
