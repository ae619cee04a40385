import type { Event, EventChanges } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { ianaTimeZone } from '#shared/protocol/time-zone.ts';
import { isVisible } from '#shared/text/visible.ts';
import { amountText, parseAmount } from '#lib/format/money.ts';
import { parseWholeNumber } from '#lib/format/whole-number.ts';
import { toWallClock, wallClockTimes } from '#lib/format/wall-clock.ts';

const TIME_FIELDS = ['startsAt', 'endsAt', 'salesOpenAt', 'salesCloseAt'] as const;
export type TimeField = (typeof TIME_FIELDS)[number];

/**
 * An event as texts in the fields of a form; times are wall-clock times at the venue. A turn is "second" for the second
 * of two times with the same wall-clock time, in the hour that autumn repeats; else it is "".
 */
export interface EventFields extends Record<TimeField | `${TimeField}Turn`, string> {
  title: string;
  description: string;
  venue: string;
  timeZone: string;
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
    startsAtTurn: '',
    endsAtTurn: '',
    salesOpenAtTurn: '',
    salesCloseAtTurn: '',
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
  return {
    title: event.title,
    description: event.description,
    venue: event.venue,
    timeZone: event.timeZone,
    ...timeFields('startsAt', event.startsAt, event.timeZone),
    ...timeFields('endsAt', event.endsAt, event.timeZone),
    ...timeFields('salesOpenAt', event.salesOpenAt, event.timeZone),
    // An empty field means that the sale closes at the start, also after a move.
    ...timeFields('salesCloseAt', event.salesCloseAt === event.startsAt ? null : event.salesCloseAt, event.timeZone),
    totalSeats: String(event.totalSeats),
    price: amountText(event.price),
    currency: event.price.currency,
    maxSeatsPerBooking: String(event.maxSeatsPerBooking),
    maxSeatsPerUser: event.maxSeatsPerUser === null ? '' : String(event.maxSeatsPerUser),
    holdMinutes: String(event.holdMinutes),
    cancelBeforeHours: String(event.cancelBeforeHours),
  };
}

function timeFields<F extends TimeField>(name: F, iso: string | null, timeZone: string) {
  const local = iso === null ? '' : toWallClock(iso, timeZone);
  const [, second] = wallClockTimes(local, timeZone);
  const isSecond = iso !== null && second !== undefined && Date.parse(iso) >= Date.parse(second);
  return { [name]: local, [`${name}Turn`]: isSecond ? 'second' : '' } as Record<F | `${F}Turn`, string>;
}

/**
 * The fields when their time zone changes: the times that are stored, those of `base`, keep their moment and show it by
 * the clock of the new zone; typed times stay as they were typed.
 */
export function inTimeZone(fields: EventFields, base: EventFields, { from, to }: { from: string; to: string }) {
  const stored = new FieldReader(base);
  const after = { ...fields };
  for (const name of TIME_FIELDS) {
    const iso = stored.time(name);
    const shown = timeFields(name, iso, from);
    const isStored = fields[name] === shown[name] && fields[`${name}Turn`] === shown[`${name}Turn`];
    if (isStored) Object.assign(after, timeFields(name, iso, to));
  }
  return after;
}

/** The settings in a form, in the types of the contract; an empty optional field is null. */
export type FormSettings = Required<Omit<EventChanges, 'offerMinutes' | 'status' | 'ticketTypes'>>;
export type FieldIssue = 'required' | 'number' | 'amount' | 'time' | 'time_zone' | 'invalid';
type ParsedEvent =
  { ok: true; settings: FormSettings } | { ok: false; issues: Partial<Record<keyof EventFields, FieldIssue>> };

/** Parses a form. Limits and the order of times are checked by the server only. */
export function parseEvent(fields: EventFields): ParsedEvent {
  const form = new FieldReader(fields);
  const settings = form.settings();
  return Object.keys(form.issues).length > 0 ? { ok: false, issues: form.issues } : { ok: true, settings };
}

/** Parses fields one by one and collects their issues. */
class FieldReader {
  readonly issues: Partial<Record<keyof EventFields, FieldIssue>> = {};
  readonly #fields: EventFields;

  constructor(fields: EventFields) {
    this.#fields = fields;
  }

  /** The settings of all fields; a field with an issue has some value. */
  settings(): FormSettings {
    return {
      title: this.text('title'),
      description: this.#fields.description,
      venue: this.text('venue'),
      timeZone: this.timeZone(),
      startsAt: this.time('startsAt') ?? this.missing('startsAt'),
      endsAt: this.time('endsAt'),
      salesOpenAt: this.time('salesOpenAt'),
      salesCloseAt: this.time('salesCloseAt'),
      totalSeats: this.number('totalSeats'),
      price: this.price(),
      maxSeatsPerBooking: this.number('maxSeatsPerBooking'),
      maxSeatsPerUser: this.#fields.maxSeatsPerUser.trim() === '' ? null : this.number('maxSeatsPerUser'),
      holdMinutes: this.number('holdMinutes'),
      cancelBeforeHours: this.number('cancelBeforeHours'),
    };
  }

  text(name: 'title' | 'venue'): string {
    const text = this.#fields[name].trim();
    return isVisible(text) ? text : this.missing(name);
  }

  missing(name: keyof EventFields): string {
    this.issues[name] ??= 'required';
    return '';
  }

  number(name: 'totalSeats' | 'maxSeatsPerBooking' | 'maxSeatsPerUser' | 'holdMinutes' | 'cancelBeforeHours'): number {
    const number = parseWholeNumber(this.#fields[name]);
    if (number === null) this.issues[name] = 'number';
    return number ?? 0;
  }

  timeZone(): string {
    const zone = ianaTimeZone(this.#fields.timeZone.trim());
    if (zone === null) this.issues.timeZone = 'time_zone';
    return zone ?? '';
  }

  time(name: TimeField): string | null {
    const local = this.#fields[name];
    if (local === '' || this.issues.timeZone !== undefined) return null;
    const times = wallClockTimes(local, this.#fields.timeZone.trim());
    if (times.length === 0) this.issues[name] = 'time';
    return (this.#fields[`${name}Turn`] === 'second' ? times.at(-1) : times[0]) ?? null;
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

/**
 * The settings whose values differ from those of the fields before. A field that means the same is not sent, so that
 * another organiser's edit of it stays, and a time whose text stays keeps its seconds.
 */
export function changesOf(before: EventFields, settings: FormSettings): EventChanges {
  const known = new FieldReader(before).settings();
  const entries = Object.entries(settings).filter(
    ([name, value]) => JSON.stringify(known[name as keyof FormSettings]) !== JSON.stringify(value),
  );
  return Object.fromEntries(entries) as EventChanges;
}
