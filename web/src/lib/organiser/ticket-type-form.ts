import type { Money } from '#shared/protocol/primitives.ts';
import type { TicketType, TicketTypeInput } from '#shared/tickets/ticket-type.ts';
import { isVisible } from '#shared/text/visible.ts';
import { amountText, parseAmount } from '#lib/format/money.ts';
import { parseWholeNumber } from '#lib/format/whole-number.ts';
import { wallClockTimes } from '#shared/time/wall-clock.ts';
import { timeFields, type TimeTexts } from './time-fields.ts';

const WINDOW = ['salesFrom', 'salesUntil'] as const;

/**
 * A ticket type as texts in the fields of a form; its times are wall-clock times at the venue, `…Turn` as in
 * `EventFields`. `key` is the type's id, or a name of the form for a type that is not stored yet. `stored`: the times as
 * they are stored, with their seconds.
 */
export interface TicketTypeFields extends TimeTexts<(typeof WINDOW)[number]> {
  key: string;
  name: string;
  description: string;
  price: string;
  seats: string;
  limit: string;
  minPerBooking: string;
  maxPerBooking: string;
  isHidden: boolean;
  isArchived: boolean;
  stored: Record<(typeof WINDOW)[number], string | null>;
}

type TypeIssue = 'required' | 'number' | 'amount' | 'time';
type TypeIssues = Partial<Record<keyof TicketTypeFields, TypeIssue>>;

const NEW = 'new-';

/** The fields of a new type; `others`: those that the form has already. */
export function emptyType(others: readonly TicketTypeFields[] = []): TicketTypeFields {
  const numbers = others.map(({ key }) => Number(key.startsWith(NEW) ? key.slice(NEW.length) : 0));
  return {
    key: `${NEW}${Math.max(0, ...numbers) + 1}`,
    name: '',
    description: '',
    price: '0',
    seats: '1',
    limit: '',
    salesFrom: '',
    salesFromTurn: '',
    salesUntil: '',
    salesUntilTurn: '',
    minPerBooking: '0',
    maxPerBooking: '',
    isHidden: false,
    isArchived: false,
    stored: { salesFrom: null, salesUntil: null },
  };
}

/** Whether the server does not know this type yet. */
export function isNewType({ key }: Pick<TicketTypeFields, 'key'>): boolean {
  return key.startsWith(NEW);
}

/** The fields of a stored type. */
export function typeFieldsOf(type: TicketType, timeZone: string): TicketTypeFields {
  return {
    key: type.id,
    name: type.name,
    description: type.description,
    price: amountText(type.price),
    seats: String(type.seats),
    limit: type.limit === null ? '' : String(type.limit),
    ...timeFields('salesFrom', type.salesFrom, timeZone),
    ...timeFields('salesUntil', type.salesUntil, timeZone),
    minPerBooking: String(type.minPerBooking),
    maxPerBooking: type.maxPerBooking === null ? '' : String(type.maxPerBooking),
    isHidden: type.access === 'voucher',
    isArchived: type.archived,
    stored: { salesFrom: type.salesFrom, salesUntil: type.salesUntil },
  };
}

/** Whether the form of one price is enough for these types: one type with nothing but a name and a price. */
export function isOnePrice(types: readonly TicketTypeFields[]): boolean {
  const [only, second] = types;
  if (only === undefined || second !== undefined) return false;
  const { key, name, price, ...rest } = only;
  const plain = emptyType();
  return Object.entries(rest).every(
    ([field, value]) => JSON.stringify(value) === JSON.stringify(plain[field as keyof TicketTypeFields]),
  );
}

/** The fields of a type whose stored times show the clock of another time zone; typed times stay as they were typed. */
export function typeInTimeZone(type: TicketTypeFields, { from, to }: { from: string; to: string }): TicketTypeFields {
  const after = { ...type };
  for (const name of WINDOW) {
    if (isStored(type, name, from)) Object.assign(after, timeFields(name, type.stored[name], to));
  }
  return after;
}

/** Parses a type. Limits and the order of times are checked by the server only. */
export function parseType(
  type: TicketTypeFields,
  { currency, timeZone }: { currency: string; timeZone: string | null },
): { input: TicketTypeInput; issues: TypeIssues } {
  const reader = new TypeReader(type, timeZone);
  const maximum = reader.number('maxPerBooking');
  const input: TicketTypeInput = {
    ...(!isNewType(type) && { id: type.key }),
    name: reader.name(),
    description: type.description,
    price: reader.price(currency),
    seats: reader.number('seats') ?? reader.missing('seats'),
    limit: reader.number('limit'),
    salesFrom: reader.time('salesFrom'),
    salesUntil: reader.time('salesUntil'),
    minPerBooking: reader.number('minPerBooking') ?? 0,
    maxPerBooking: maximum,
    access: type.isHidden ? 'voucher' : 'public',
  };
  return { input, issues: reader.issues };
}

/** Parses the fields of one type and collects their issues. */
class TypeReader {
  readonly issues: TypeIssues = {};
  readonly #type: TicketTypeFields;
  readonly #timeZone: string | null;

  /** `timeZone` null: it is wrong itself, so that no time can be read. */
  constructor(type: TicketTypeFields, timeZone: string | null) {
    this.#type = type;
    this.#timeZone = timeZone;
  }

  name(): string {
    const name = this.#type.name.trim();
    if (!isVisible(name)) this.issues.name = 'required';
    return name;
  }

  price(currency: string): Money {
    const amount = /^[A-Z]{3}$/.test(currency) ? parseAmount(this.#type.price, currency) : 0;
    if (amount === null) this.issues.price = 'amount';
    return { amount: amount ?? 0, currency };
  }

  /** Null for an empty field. */
  number(name: 'seats' | 'limit' | 'minPerBooking' | 'maxPerBooking'): number | null {
    const text = this.#type[name];
    if (text.trim() === '') return null;
    const number = parseWholeNumber(text);
    if (number === null) this.issues[name] = 'number';
    return number ?? 0;
  }

  missing(name: 'seats'): number {
    this.issues[name] = 'required';
    return 0;
  }

  time(name: (typeof WINDOW)[number]): string | null {
    const local = this.#type[name];
    if (local === '' || this.#timeZone === null) return null;
    if (isStored(this.#type, name, this.#timeZone)) return this.#type.stored[name];
    const times = wallClockTimes(local, this.#timeZone);
    if (times.length === 0) this.issues[name] = 'time';
    return (this.#type[`${name}Turn`] === 'second' ? times.at(-1) : times[0]) ?? null;
  }
}

/** Whether a field shows the stored time, so that its seconds stay. */
function isStored(type: TicketTypeFields, name: (typeof WINDOW)[number], timeZone: string): boolean {
  const shown = timeFields(name, type.stored[name], timeZone);
  return type[name] === shown[name] && type[`${name}Turn`] === shown[`${name}Turn`];
}
