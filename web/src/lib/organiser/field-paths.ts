import { parseEvent, type EventFields } from './event-form.ts';
import type { TicketTypeFields } from './ticket-type-form.ts';

/** The fields of an event that are changed, and chosen, together, by the name of the first. */
const EVENT_GROUPS = {
  title: ['title'],
  venue: ['venue'],
  description: ['description'],
  timeZone: ['timeZone'],
  startsAt: ['startsAt', 'startsAtTurn'],
  endsAt: ['endsAt', 'endsAtTurn'],
  doorsAt: ['doorsAt', 'doorsAtTurn'],
  salesOpenAt: ['salesOpenAt', 'salesOpenAtTurn'],
  salesCloseAt: ['salesCloseAt', 'salesCloseAtTurn'],
  totalSeats: ['totalSeats'],
  taxRate: ['taxRate'],
  maxSeatsPerBooking: ['maxSeatsPerBooking'],
  maxSeatsPerUser: ['maxSeatsPerUser'],
  holdMinutes: ['holdMinutes'],
  cancelBeforeHours: ['cancelBeforeHours'],
  category: ['category'],
  tags: ['tags'],
  city: ['city'],
  organiser: ['organiser'],
  address: ['address'],
  minAge: ['minAge'],
  accessInfo: ['accessInfo'],
  seating: ['seating'],
} as const satisfies Partial<Record<keyof EventFields, readonly (keyof EventFields)[]>>;

/** The same for one ticket type. Its price is in the currency of the event. */
const TYPE_GROUPS = {
  name: ['name'],
  description: ['description'],
  price: ['price'],
  seats: ['seats'],
  limit: ['limit'],
  salesFrom: ['salesFrom', 'salesFromTurn'],
  salesUntil: ['salesUntil', 'salesUntilTurn'],
  minPerBooking: ['minPerBooking'],
  maxPerBooking: ['maxPerBooking'],
  isHidden: ['isHidden'],
  isArchived: ['isArchived'],
} as const satisfies Partial<Record<keyof TicketTypeFields, readonly (keyof TicketTypeFields)[]>>;

export type EventGroup = keyof typeof EVENT_GROUPS;
export type TypeGroup = keyof typeof TYPE_GROUPS;
/** A field of the event, or of one of its ticket types: "title", "t2.price". */
export type FieldPath = EventGroup | `${string}.${TypeGroup}`;

const EVENT_GROUP_NAMES = Object.keys(EVENT_GROUPS) as EventGroup[];
const TYPE_GROUP_NAMES = Object.keys(TYPE_GROUPS) as TypeGroup[];

/** The times that are read by the clock of the event's zone: the same text in another zone is another time. */
const TIMES: ReadonlySet<string> = new Set([
  'startsAt',
  'endsAt',
  'doorsAt',
  'salesOpenAt',
  'salesCloseAt',
  'salesFrom',
  'salesUntil',
]);

/** The parts of a path; `key` null for a field of the event. */
export function partsOf(path: FieldPath): { key: null; group: EventGroup } | { key: string; group: TypeGroup } {
  const dot = path.indexOf('.');
  if (dot === -1) return { key: null, group: path as EventGroup };
  return { key: path.slice(0, dot), group: path.slice(dot + 1) as TypeGroup };
}

/** Whether a path is that of a time. */
export function isTime(path: FieldPath): boolean {
  return TIMES.has(partsOf(path).group);
}

/** The ticket type that a path is in. */
export function typeOf(fields: EventFields, key: string): TicketTypeFields | undefined {
  return fields.ticketTypes.find((type) => type.key === key);
}

/** All paths of these fields. */
export function pathsOf({ ticketTypes }: Pick<EventFields, 'ticketTypes'>): FieldPath[] {
  const ofTypes = ticketTypes.flatMap(({ key }) => TYPE_GROUP_NAMES.map((group): FieldPath => `${key}.${group}`));
  return [...EVENT_GROUP_NAMES, ...ofTypes];
}

/** The texts at a path, for a price with the currency behind it; undefined if the fields do not have its type. */
export function textsAt(fields: EventFields, path: FieldPath): (string | boolean)[] | undefined {
  const { key, group } = partsOf(path);
  if (key === null) return EVENT_GROUPS[group].map((name) => fields[name]);
  const type = typeOf(fields, key);
  if (type === undefined) return undefined;
  const texts = TYPE_GROUPS[group].map((name) => type[name]);
  return group === 'price' ? [...texts, fields.currency] : texts;
}

export function isDifferent(path: FieldPath, one: EventFields, other: EventFields): boolean {
  return textsAt(one, path)?.join(' ') !== textsAt(other, path)?.join(' ');
}

/** Whether two texts mean the same, such as "12,50" and "12.50"; times of two zones never do. */
export function isSameValue(path: FieldPath, one: EventFields, other: EventFields): boolean {
  if (isTime(path) && one.timeZone !== other.timeZone) return false;
  if (!isDifferent(path, one, other)) return true;
  const [value, others] = [settingAt(one, path), settingAt(other, path)];
  return value !== undefined && JSON.stringify(value) === JSON.stringify(others);
}

/** The setting at a path; undefined if the form has an issue, or no such type on sale. */
function settingAt(fields: EventFields, path: FieldPath): unknown {
  const parsed = parseEvent(fields);
  if (!parsed.ok) return undefined;
  const { key, group } = partsOf(path);
  if (key === null) return parsed.settings[group];
  const at = fields.ticketTypes.filter(({ isArchived }) => !isArchived).findIndex((type) => type.key === key);
  if (group === 'isHidden') return parsed.settings.ticketTypes[at]?.access;
  return group === 'isArchived' ? at === -1 : parsed.settings.ticketTypes[at]?.[group];
}

/**
 * The paths that an edit changes: all times, if it changes the zone that they are in. Of a type that it adds, its name
 * alone; of one that it removes, that it is archived.
 */
export function changedPaths(before: EventFields, after: EventFields): Set<FieldPath> {
  const paths = pathsOf(after).filter((path) => isDifferent(path, before, after) && !isPartOfNewType(path, before));
  const removed = before.ticketTypes.filter(({ key }) => typeOf(after, key) === undefined);
  const isZoneChanged = isDifferent('timeZone', before, after);
  const times = pathsOf(after).filter((path) => isZoneChanged && isTime(path) && textsAt(after, path)?.[0] !== '');
  return new Set([...paths, ...removed.map(({ key }): FieldPath => `${key}.isArchived`), ...times]);
}

function isPartOfNewType(path: FieldPath, before: EventFields): boolean {
  const { key, group } = partsOf(path);
  return key !== null && group !== 'name' && typeOf(before, key) === undefined;
}

/** `fields` with the texts at these paths from other fields; paths of types that either lacks are left out. */
export function withTexts(fields: EventFields, paths: readonly FieldPath[], from: EventFields): EventFields {
  const after = { ...fields, ticketTypes: fields.ticketTypes.map((type) => ({ ...type })) };
  for (const path of paths) {
    const { key, group } = partsOf(path);
    if (key === null) {
      for (const name of EVENT_GROUPS[group]) after[name] = from[name];
      continue;
    }
    const [to, source] = [typeOf(after, key), typeOf(from, key)];
    if (to === undefined || source === undefined) continue;
    Object.assign(to, Object.fromEntries(TYPE_GROUPS[group].map((name) => [name, source[name]])));
    if (group === 'price') after.currency = from.currency;
  }
  return after;
}

/** The types in the order of `order`; a type that it does not name stays behind those before it. */
export function inOrderOf(types: TicketTypeFields[], order: readonly string[]): TicketTypeFields[] {
  const known = types.filter(({ key }) => order.includes(key));
  const sorted = known.toSorted((one, other) => order.indexOf(one.key) - order.indexOf(other.key));
  return types.map((type) => (order.includes(type.key) ? (sorted.shift() ?? type) : type));
}
