import type { Event, EventChanges } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { amountText, parseAmount } from '#lib/format/money.ts';
import { fromWallClock, isTimeZone, toWallClock } from './format/wall-clock.ts';

/** An event as texts in the fields of a form; times are wall-clock times at the venue. */
export interface EventFields {
  title: string;
  description: string;
  venue: string;
  timeZone: string;
  startsAt: string;
  endsAt: string;
  salesOpenAt: string;
  salesCloseAt: string;
  totalSeats: string;
  price: string;
  currency: string;
  maxSeatsPerBooking: string;
  maxSeatsPerUser: string;
  holdMinutes: string;
  cancelBeforeHours: string;
}

/** The fields of a new event. */
export function emptyFields(timeZone: string): EventFields {
  return {
    title: '',
    description: '',
    venue: '',
    timeZone,
    startsAt: '',
    endsAt: '',
    salesOpenAt: '',
    salesCloseAt: '',
    totalSeats: '100',
    price: '0',
    currency: 'EUR',
    maxSeatsPerBooking: '10',
    maxSeatsPerUser: '',
    holdMinutes: '10',
    cancelBeforeHours: '24',
  };
}

/** The fields of an event. */
export function fieldsOf(event: Event): EventFields {
  const local = (iso: string | null) => (iso === null ? '' : toWallClock(iso, event.timeZone));
  return {
    title: event.title,
    description: event.description,
    venue: event.venue,
    timeZone: event.timeZone,
    startsAt: local(event.startsAt),
    endsAt: local(event.endsAt),
    salesOpenAt: local(event.salesOpenAt),
    // An empty field means that the sale closes at the start, also after a move.
    salesCloseAt: event.salesCloseAt === event.startsAt ? '' : local(event.salesCloseAt),
    totalSeats: String(event.totalSeats),
    price: amountText(event.price),
    currency: event.price.currency,
    maxSeatsPerBooking: String(event.maxSeatsPerBooking),
    maxSeatsPerUser: event.maxSeatsPerUser === null ? '' : String(event.maxSeatsPerUser),
    holdMinutes: String(event.holdMinutes),
    cancelBeforeHours: String(event.cancelBeforeHours),
  };
}

/** The settings in a form, in the types of the contract; an empty optional field is null. */
type FormSettings = Required<Omit<EventChanges, 'offerMinutes' | 'status'>>;
export type FieldIssue = 'required' | 'number' | 'amount' | 'time' | 'time_zone' | 'invalid';
type ParsedEvent =
  { ok: true; settings: FormSettings } | { ok: false; issues: Partial<Record<keyof EventFields, FieldIssue>> };

/** Parses a form. Limits and the order of times are checked by the server only. */
export function parseEvent(fields: EventFields): ParsedEvent {
  const form = new FieldReader(fields);
  const settings: FormSettings = {
    title: form.text('title'),
    description: fields.description,
    venue: form.text('venue'),
    timeZone: form.timeZone(),
    startsAt: form.time('startsAt') ?? form.missing('startsAt'),
    endsAt: form.time('endsAt'),
    salesOpenAt: form.time('salesOpenAt'),
    salesCloseAt: form.time('salesCloseAt'),
    totalSeats: form.number('totalSeats'),
    price: form.price(),
    maxSeatsPerBooking: form.number('maxSeatsPerBooking'),
    maxSeatsPerUser: fields.maxSeatsPerUser.trim() === '' ? null : form.number('maxSeatsPerUser'),
    holdMinutes: form.number('holdMinutes'),
    cancelBeforeHours: form.number('cancelBeforeHours'),
  };
  return Object.keys(form.issues).length > 0 ? { ok: false, issues: form.issues } : { ok: true, settings };
}

/** Parses fields one by one and collects their issues. */
class FieldReader {
  readonly issues: Partial<Record<keyof EventFields, FieldIssue>> = {};
  readonly #fields: EventFields;

  constructor(fields: EventFields) {
    this.#fields = fields;
  }

  text(name: 'title' | 'venue'): string {
    const text = this.#fields[name].trim();
    return text === '' ? this.missing(name) : text;
  }

  missing(name: keyof EventFields): string {
    this.issues[name] ??= 'required';
    return '';
  }

  number(name: 'totalSeats' | 'maxSeatsPerBooking' | 'maxSeatsPerUser' | 'holdMinutes' | 'cancelBeforeHours'): number {
    const text = this.#fields[name].trim();
    if (!/^\d{1,9}$/.test(text)) this.issues[name] = 'number';
    return Number(text);
  }

  timeZone(): string {
    const zone = this.#fields.timeZone.trim();
    if (!isTimeZone(zone)) this.issues.timeZone = 'time_zone';
    return zone;
  }

  time(name: 'startsAt' | 'endsAt' | 'salesOpenAt' | 'salesCloseAt'): string | null {
    const local = this.#fields[name];
    if (local === '' || this.issues.timeZone !== undefined) return null;
    const moment = fromWallClock(local, this.#fields.timeZone.trim());
    if (moment === null) this.issues[name] = 'time';
    return moment;
  }

  price(): Money {
    const { price, currency } = this.#fields;
    if (!/^[A-Z]{3}$/.test(currency)) {
      this.issues.currency = 'invalid';
      return { amount: 0, currency };
    }
    const amount = parseAmount(price, currency);
    if (amount === null) this.issues.price = 'amount';
    return { amount: amount ?? 0, currency };
  }
}

/** The settings of the changed fields. An unchanged field is not sent, so that another organiser's edit of it stays. */
export function changesOf(before: EventFields, after: EventFields, settings: FormSettings): EventChanges {
  const changed = (name: keyof EventFields) => before[name] !== after[name];
  const times = ['startsAt', 'endsAt', 'salesOpenAt', 'salesCloseAt'] as const;
  const entries = Object.entries(settings).filter(([name]) => {
    if (name === 'price') return changed('price') || changed('currency');
    // The same wall-clock time in another zone is another time in UTC.
    if (times.includes(name as (typeof times)[number]) && changed('timeZone')) return true;
    return changed(name as keyof EventFields);
  });
  return Object.fromEntries(entries) as EventChanges;
}
