import type { Requested } from '#server/booking/rules/state/booking-state.ts';
import type { Answer } from '../answer.ts';
import { refused } from '../answer.ts';
import type { ModelBooking, ModelLine, ModelState, ModelType, Wants } from '../state.ts';
import { freeSeats, numberOf, seatsIn, ticketsWhile } from '../state.ts';

// The rules of ticket types in PROTOCOL.md.

type Asked = { seats: number } | { tickets: readonly Wants[] };
type Lines = { lines: ModelLine[] } | { refusal: Answer };

const INVALID = { refusal: refused('INVALID_INPUT') };

function known(state: ModelState, id: string): ModelType | undefined {
  return state.types.find((type) => type.id === id);
}

/** What is asked for as lines at today's full prices; `opens`: hidden types that a voucher opens. */
export function linesFor(state: ModelState, asked: Asked, opens: readonly string[] = []): Lines {
  const open = state.types.filter(({ id, archived, hidden }) => !archived && (!hidden || opens.includes(id)));
  if (!('tickets' in asked)) {
    const withSeats = open.filter(({ seats }) => seats > 0);
    const only = withSeats[0];
    if (!only || withSeats.length > 1 || only.seats > 1) return INVALID;
    return { lines: [{ type: only.id, count: asked.seats, amount: only.amount, seats: 1 }] };
  }
  const lines: ModelLine[] = [];
  for (const { type: id, count } of asked.tickets) {
    const type = open.find((one) => one.id === id);
    if (!type) return INVALID;
    lines.push({ type: id, count, amount: type.amount, seats: type.seats });
  }
  return seatsIn(lines) > 0 ? { lines } : INVALID;
}

/** The lines that a hold shall have: what it has keeps its price. `opens` as for `linesFor`. */
export function linesOfChange(
  state: ModelState,
  { lines: has }: Pick<ModelBooking, 'lines'>,
  asked: Asked,
  opens: readonly string[] = [],
): Lines {
  const isOpen = (type: ModelType | undefined) =>
    type !== undefined && !type.archived && (!type.hidden || opens.includes(type.id));
  if (!('tickets' in asked)) {
    const [first] = has;
    if (!first || has.length > 1 || first.seats !== 1) return INVALID;
    if (asked.seats > first.count && !isOpen(known(state, first.type))) return INVALID;
    return { lines: [{ ...first, count: asked.seats }] };
  }
  const lines: ModelLine[] = [];
  for (const { type: id, count } of asked.tickets) {
    const line = has.find(({ type }) => type === id);
    const type = known(state, id);
    if (count > (line?.count ?? 0) && !isOpen(type)) return INVALID;
    if (line) lines.push({ ...line, count });
    else if (type) lines.push({ type: id, count, amount: type.amount, seats: type.seats });
  }
  return seatsIn(lines) > 0 ? { lines } : INVALID;
}

export function outsideWindow(state: ModelState, wants: readonly Wants[], now: number): Answer | null {
  for (const { type: id } of wants) {
    const { from, until } = known(state, id) as ModelType;
    if (from !== null && now < from) {
      const times = { salesOpenAt: new Date(from).toISOString(), retryAfterMs: from - now };
      return refused('SALES_CLOSED', { reason: 'not_open', ticketType: id, ...times });
    }
    if (until !== null && now >= until) return refused('SALES_CLOSED', { reason: 'closed', ticketType: id });
  }
  return null;
}

export function wrongNumber(state: ModelState, wants: readonly Wants[]): Answer | null {
  for (const { type: id, count } of wants) {
    const { min, max, seats } = known(state, id) as ModelType;
    const most = max ?? (seats > 0 ? Infinity : 100);
    if (count > most) return refused('LIMIT_EXCEEDED', { limit: most, ticketType: id });
    if (count < min) return refused('LIMIT_EXCEEDED', { limit: min, ticketType: id });
  }
  return null;
}

export function overLimit(state: ModelState, wants: readonly Wants[]): Answer | null {
  for (const { type: id, count } of wants) {
    const { limit } = known(state, id) as ModelType;
    const taken = ticketsWhile(state, 'held', id) + ticketsWhile(state, 'confirmed', id);
    const left = Math.max(0, (limit ?? Infinity) - taken);
    if (count > left) return refused('SOLD_OUT', { availableSeats: freeSeats(state), ticketType: id, available: left });
  }
  return null;
}

/** The price that a buyer saw is not today's. */
export function otherPrice(asked: Requested, lines: readonly ModelLine[], currency: string): Answer | null {
  const total = { amount: lines.reduce((sum, line) => sum + line.count * line.amount, 0), currency };
  const of = ({ amount }: { amount: number }) => ({ amount, currency });
  const seen = 'tickets' in asked ? asked.total : asked.price;
  const now = 'tickets' in asked ? total : of(lines[0] as ModelLine);
  if (!seen || (seen.amount === now.amount && seen.currency === currency)) return null;
  const price = of(lines.find(({ seats }) => seats > 0) ?? (lines[0] as ModelLine));
  const ticketTypes = lines.map((line) => ({ id: line.type, price: of(line) }));
  return refused('PRICE_CHANGED', { price, total, ticketTypes });
}

/** What remains of a booking without these tickets breaks a rule of its types. */
export function brokenRest(state: ModelState, lines: readonly ModelLine[]): Answer | null {
  if (seatsIn(lines) === 0) return refused('INVALID_STATE', { reason: 'extra_alone' });
  for (const { type: id, count } of lines) {
    const minimum = known(state, id)?.min ?? 0;
    if (count < minimum) return refused('INVALID_STATE', { ticketType: id, minimum });
  }
  return null;
}

/** Notes that these types were booked: they are never removed. */
export function noteBooked(state: ModelState, lines: readonly ModelLine[]): void {
  for (const type of state.types) if (numberOf(lines, type.id) > 0) type.booked = true;
}

/** A request as one text, whatever the order of its tickets. */
export function textOf(asked: object): string {
  return JSON.stringify(asked, (_, value: unknown) =>
    Array.isArray(value) ? value.map((one) => JSON.stringify(one)).sort() : value,
  );
}
