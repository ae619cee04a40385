import type { Event, EventChanges } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { TicketTypeInput } from '#shared/tickets/ticket-type.ts';
import { ianaTimeZone } from '#shared/protocol/time-zone.ts';
import { isVisible } from '#shared/text/visible.ts';
import { parseWholeNumber } from '#lib/format/whole-number.ts';
import { wallClockTimes } from '#shared/time/wall-clock.ts';
import { detailFieldsOf, NO_DETAILS, parseDetails, type DetailFields } from './details/detail-fields.ts';
import {
  emptyType,
  isOnePrice,
  parseType,
  typeFieldsOf,
  typeInTimeZone,
  type TicketTypeFields,
} from './ticket-type-form.ts';
import { timeFields, type TimeTexts } from './time-fields.ts';

const TIME_FIELDS = ['startsAt', 'endsAt', 'doorsAt', 'salesOpenAt', 'salesCloseAt'] as const;
type TimeField = (typeof TIME_FIELDS)[number];

/**
 * An event as texts in the fields of a form; times are wall-clock times at the venue. A turn is "second" for the second
 * of two times with the same wall-clock time, in the hour that autumn repeats; else it is "".
 */
export interface EventFields extends TimeTexts<TimeField>, DetailFields {
  title: string;
  description: string;
  venue: string;
  timeZone: string;
  totalSeats: string;
  /** That of all prices. */
  currency: string;
  /** At least one type, in the order that buyers see. */
  ticketTypes: TicketTypeFields[];
  /** The form lists the types; else it has one price. */
  hasTypeList: boolean;
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
    doorsAt: '',
    salesOpenAt: '',
    salesCloseAt: '',
    startsAtTurn: '',
    endsAtTurn: '',
    doorsAtTurn: '',
    salesOpenAtTurn: '',
    salesCloseAtTurn: '',
    totalSeats: '100',
    currency: 'EUR',
    ticketTypes: [emptyType()],
    hasTypeList: false,
    maxSeatsPerBooking: '10',
    maxSeatsPerUser: '',
    holdMinutes: '10',
    cancelBeforeHours: '24',
    ...NO_DETAILS,
  };
}

/** The fields of an event. */
export function fieldsOf(event: Event): EventFields {
  const ticketTypes = event.ticketTypes.map((type) => typeFieldsOf(type, event.timeZone));
  return {
    title: event.title,
    description: event.description,
    venue: event.venue,
    timeZone: event.timeZone,
    ...timeFields('startsAt', event.startsAt, event.timeZone),
    ...timeFields('endsAt', event.endsAt, event.timeZone),
    ...timeFields('doorsAt', event.doorsAt, event.timeZone),
    ...timeFields('salesOpenAt', event.salesOpenAt, event.timeZone),
    // An empty field means that the sale closes at the start, also after a move.
    ...timeFields('salesCloseAt', event.salesCloseAt === event.startsAt ? null : event.salesCloseAt, event.timeZone),
    totalSeats: String(event.totalSeats),
    currency: event.price.currency,
    ticketTypes,
    hasTypeList: !isOnePrice(ticketTypes),
    maxSeatsPerBooking: String(event.maxSeatsPerBooking),
    maxSeatsPerUser: event.maxSeatsPerUser === null ? '' : String(event.maxSeatsPerUser),
    holdMinutes: String(event.holdMinutes),
    cancelBeforeHours: String(event.cancelBeforeHours),
    ...detailFieldsOf(event),
  };
}

/**
 * The fields when their time zone changes: the times that are stored, those of `base`, keep their moment and show it by
 * the clock of the new zone; typed times stay as they were typed.
 */
export function inTimeZone(
  fields: EventFields,
  base: EventFields,
  { from, to }: { from: string; to: string },
): EventFields {
  const stored = new FieldReader(base);
  const after = { ...fields };
  for (const name of TIME_FIELDS) {
    const iso = stored.time(name);
    const shown = timeFields(name, iso, from);
    const isStored = fields[name] === shown[name] && fields[`${name}Turn`] === shown[`${name}Turn`];
    if (isStored) Object.assign(after, timeFields(name, iso, to));
  }
  return { ...after, ticketTypes: fields.ticketTypes.map((type) => typeInTimeZone(type, { from, to })) };
}

/** The settings in a form, in the types of the contract; an empty optional field is null. */
export type FormSettings = Required<Omit<EventChanges, 'offerMinutes' | 'status' | 'price' | 'ticketTypes'>> & {
  /** The types on sale, in their order. */
  ticketTypes: TicketTypeInput[];
  hasTypeList: boolean;
};
export type FieldIssue = 'required' | 'number' | 'amount' | 'time' | 'time_zone' | 'tax_rate' | 'invalid';
/** Issues by field; those of a ticket type by "key.field", such as "t2.price". */
type FieldIssues = Partial<Record<string, FieldIssue>>;
type ParsedEvent = { ok: true; settings: FormSettings } | { ok: false; issues: FieldIssues };

/** Parses a form. Limits and the order of times are checked by the server only. */
export function parseEvent(fields: EventFields): ParsedEvent {
  const form = new FieldReader(fields);
  const settings = form.settings();
  return Object.keys(form.issues).length > 0 ? { ok: false, issues: form.issues } : { ok: true, settings };
}

/** Parses fields one by one and collects their issues. */
class FieldReader {
  readonly issues: FieldIssues = {};
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
      doorsAt: this.time('doorsAt'),
      salesOpenAt: this.time('salesOpenAt'),
      salesCloseAt: this.time('salesCloseAt'),
      totalSeats: this.number('totalSeats'),
      ...this.types(),
      maxSeatsPerBooking: this.number('maxSeatsPerBooking'),
      maxSeatsPerUser: this.#fields.maxSeatsPerUser.trim() === '' ? null : this.number('maxSeatsPerUser'),
      holdMinutes: this.number('holdMinutes'),
      cancelBeforeHours: this.number('cancelBeforeHours'),
      ...this.details(),
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

  details(): ReturnType<typeof parseDetails>['details'] {
    const { details, issues } = parseDetails(this.#fields);
    Object.assign(this.issues, issues);
    return details;
  }

  types(): Pick<FormSettings, 'ticketTypes' | 'hasTypeList'> {
    const { ticketTypes, currency, hasTypeList } = this.#fields;
    if (!/^[A-Z]{3}$/.test(currency)) this.issues.currency = 'invalid';
    const timeZone = this.issues.timeZone === undefined ? this.#fields.timeZone.trim() : null;
    const parsed = ticketTypes
      .filter(({ isArchived }) => !isArchived)
      .map((type) => this.type(type, { currency, timeZone }));
    return { ticketTypes: parsed, hasTypeList };
  }

  type(type: TicketTypeFields, context: Parameters<typeof parseType>[1]): TicketTypeInput {
    const { input, issues } = parseType(type, context);
    // The form of one price does not show the name.
    if (!this.#fields.hasTypeList) delete issues.name;
    for (const [field, issue] of Object.entries(issues)) this.issues[`${type.key}.${field}`] = issue;
    return input;
  }
}

/**
 * The settings whose values differ from those of the fields before. A field that means the same is not sent, so that
 * another organiser's edit of it stays, and a time whose text stays keeps its seconds. Ticket types are sent as a whole,
 * and as a price where they are one price before and after.
 */
export function changesOf(before: EventFields, settings: FormSettings): EventChanges {
  const known = new FieldReader(before).settings();
  const { ticketTypes, hasTypeList, ...rest } = settings;
  const entries = Object.entries(rest).filter(
    ([name, value]) => JSON.stringify(known[name as keyof FormSettings]) !== JSON.stringify(value),
  );
  const isSame = JSON.stringify(known.ticketTypes) === JSON.stringify(ticketTypes);
  const isPriceAlone = !hasTypeList && !known.hasTypeList;
  const types = isSame ? {} : isPriceAlone ? { price: priceOf(settings) } : { ticketTypes };
  return { ...Object.fromEntries(entries), ...types } as EventChanges;
}

/** What a new event is created from: the settings that are set, and one price or the types. */
export function newEventOf({ ticketTypes, hasTypeList, ...rest }: FormSettings) {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return { ...given, ...(hasTypeList ? { ticketTypes } : { price: priceOf({ ticketTypes }) }) };
}

function priceOf({ ticketTypes }: Pick<FormSettings, 'ticketTypes'>): Money | undefined {
  return ticketTypes[0]?.price;
}
