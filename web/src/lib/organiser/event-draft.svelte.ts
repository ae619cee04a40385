import type { Event, EventChanges } from '#shared/event.ts';
import { ianaTimeZone } from '#shared/protocol/time-zone.ts';
import { changesOf, emptyFields, fieldsOf, inTimeZone, type EventFields, type FormSettings } from './event-form.ts';
import {
  changedPaths,
  inOrderOf,
  isDifferent,
  isSameValue,
  pathsOf,
  withTexts,
  type FieldPath,
} from './field-paths.ts';
import { emptyType, isNewType, type TicketTypeFields } from './ticket-type-form.ts';

/** What an organiser types about an event, on top of its newest known revision. */
export class EventDraft {
  fields: EventFields = $state({} as EventFields);
  #base: EventFields = $state.raw({} as EventFields);
  /** The zone that the times are shown in: the last complete name in the field of the zone. */
  #zoneOfTimes = 'UTC';
  #revision = $state(0);
  #conflicts: readonly FieldPath[] = $state.raw([]);

  /** `event`: the event to edit, null for a new one; `timeZone`: that of a new event. */
  constructor(event: Event | null, timeZone: string) {
    this.#base = event === null ? emptyFields(timeZone) : fieldsOf(event);
    this.#setFields(structuredClone(this.#base));
    this.#revision = event?.revision ?? 0;
  }

  /** The revision that an edit by this draft is based on. */
  get revision(): number {
    return this.#revision;
  }

  /** The event's fields at this revision. */
  get base(): EventFields {
    return this.#base;
  }

  /** Changes the time zone as it is typed: stored times keep their moment, typed ones what was typed. */
  setTimeZone(text: string): void {
    this.fields.timeZone = text;
    const to = ianaTimeZone(text.trim());
    if (to === null) return;
    Object.assign(this.fields, inTimeZone($state.snapshot(this.fields), this.#base, { from: this.#zoneOfTimes, to }));
    this.#zoneOfTimes = to;
  }

  #setFields(fields: EventFields): void {
    this.fields = fields;
    this.#zoneOfTimes = ianaTimeZone(fields.timeZone.trim()) ?? this.#zoneOfTimes;
  }

  /** Whether something is typed that is not saved. */
  get isChanged(): boolean {
    const [base, fields] = [this.#base, this.fields];
    const isListed = keysOf(base.ticketTypes).join() === keysOf(fields.ticketTypes).join();
    return !isListed || pathsOf(base).some((path) => isDifferent(path, base, fields));
  }

  /** What both the organiser and somebody else have changed, until the organiser has chosen. */
  get conflicts(): readonly FieldPath[] {
    return this.#conflicts;
  }

  /** The changes that these settings make to the event. */
  changes(settings: FormSettings): EventChanges {
    return changesOf(this.#base, settings);
  }

  /**
   * Takes over somebody else's edit: fields that are changed here stay, all others follow. Returns what the edit
   * changed; an older revision changes nothing.
   */
  follow(event: Event): FieldPath[] {
    if (event.revision <= this.#revision) return [];
    const [before, theirs, mine] = [this.#base, fieldsOf(event), $state.snapshot(this.fields)];
    const theirsChanged = changedPaths(before, theirs);
    const mineChanged = changedPaths(before, mine);
    const stays = pathsOf(theirs).filter((path) => mineChanged.has(path) && !isSameValue(path, mine, theirs));
    this.#setFields(merged({ before, theirs, mine }, stays));
    this.#base = theirs;
    this.#revision = event.revision;
    this.#conflicts = stays.filter((path) => theirsChanged.has(path) || this.#conflicts.includes(path));
    return [...changedPaths(before, theirs)].filter((path) => isDifferent(path, before, theirs));
  }

  /** Takes over the outcome of an edit that was sent with these fields; what was typed since then stays. */
  saved(event: Event, sent: EventFields): void {
    const theirs = fieldsOf(event);
    const before = withStoredKeys(sent, sent, theirs);
    const mine = withStoredKeys($state.snapshot(this.fields), sent, theirs);
    const typed = pathsOf(mine).filter((path) => isDifferent(path, before, mine));
    this.#setFields(merged({ before, theirs, mine }, typed));
    this.#base = theirs;
    this.#revision = event.revision;
    this.#conflicts = [];
  }

  /** Ends a conflict. */
  choose(path: FieldPath, whose: 'mine' | 'theirs'): void {
    if (whose === 'theirs') this.#setFields(withTexts($state.snapshot(this.fields), [path], this.#base));
    this.#conflicts = this.#conflicts.filter((one) => one !== path);
  }

  /** Shows the list of ticket types, with `name` for the one that there is, and a second one. Returns its key. */
  listTypes(name: string): string {
    const [first] = this.fields.ticketTypes;
    if (first !== undefined && first.name === '') first.name = name;
    this.fields.hasTypeList = true;
    return this.addType();
  }

  /** Adds a ticket type behind the others. Returns its key. */
  addType(): string {
    const type = emptyType(this.fields.ticketTypes);
    this.fields.ticketTypes.push(type);
    return type.key;
  }

  /** Removes a type that is not stored yet, and archives any other. */
  archiveType(key: string): void {
    const type = this.fields.ticketTypes.find((one) => one.key === key);
    if (type === undefined) return;
    if (isNewType(type)) this.fields.ticketTypes = this.fields.ticketTypes.filter((one) => one.key !== key);
    else type.isArchived = true;
  }

  /** Moves a type one place up (-1) or down (1) among the types on sale. */
  moveType(key: string, by: -1 | 1): void {
    const types = this.fields.ticketTypes;
    const onSale = types.filter(({ isArchived }) => !isArchived);
    const from = onSale.findIndex((type) => type.key === key);
    const other = onSale[from + by];
    if (from === -1 || other === undefined) return;
    const keys = keysOf(onSale);
    [keys[from], keys[from + by]] = [other.key, key];
    this.fields.ticketTypes = inOrderOf(types, keys);
  }
}

/** Three states of a form: before both edits, after somebody else's, and as it is typed. */
interface ThreeVersions {
  before: EventFields;
  theirs: EventFields;
  mine: EventFields;
}

/** Their fields, with my texts at the paths that stay, my new types, and my order of the types if I changed it. */
function merged({ before, theirs, mine }: ThreeVersions, stays: readonly FieldPath[]): EventFields {
  const after = withTexts(theirs, stays, mine);
  const added = mine.ticketTypes.filter((type) => isNewType(type));
  const types = [...after.ticketTypes, ...added];
  const order = keysOf(mine.ticketTypes);
  const isMyOrder = order.join() !== keysOf([...before.ticketTypes, ...added]).join();
  const ticketTypes = isMyOrder ? inOrderOf(types, order) : types;
  return { ...after, ticketTypes, hasTypeList: theirs.hasTypeList || mine.hasTypeList };
}

function keysOf(types: readonly TicketTypeFields[]): string[] {
  return types.map(({ key }) => key);
}

/** Fields whose types that were new in `sent` have the ids that the server has given them, in the order of sending. */
function withStoredKeys(fields: EventFields, sent: EventFields, stored: EventFields): EventFields {
  const known = new Set(sent.ticketTypes.map(({ key }) => key));
  const ids = stored.ticketTypes.map(({ key }) => key).filter((key) => !known.has(key));
  const made = sent.ticketTypes.filter((type) => isNewType(type)).map(({ key }, index) => [key, ids[index]] as const);
  const idOf = new Map(made);
  const renamed = (type: TicketTypeFields) => ({ ...type, key: idOf.get(type.key) ?? type.key });
  return { ...fields, ticketTypes: fields.ticketTypes.map(renamed) };
}
