import type { Event, EventChanges } from '#shared/event.ts';
import { ianaTimeZone } from '#shared/protocol/time-zone.ts';
import {
  changesOf,
  emptyFields,
  fieldsOf,
  inTimeZone,
  parseEvent,
  type EventFields,
  type FormSettings,
} from './event-form.ts';

/** The fields that are changed, and chosen, together, by the name of the first. */
const GROUPS = {
  title: ['title'],
  venue: ['venue'],
  description: ['description'],
  timeZone: ['timeZone'],
  startsAt: ['startsAt', 'startsAtTurn'],
  endsAt: ['endsAt', 'endsAtTurn'],
  salesOpenAt: ['salesOpenAt', 'salesOpenAtTurn'],
  salesCloseAt: ['salesCloseAt', 'salesCloseAtTurn'],
  totalSeats: ['totalSeats'],
  price: ['price', 'currency'],
  maxSeatsPerBooking: ['maxSeatsPerBooking'],
  maxSeatsPerUser: ['maxSeatsPerUser'],
  holdMinutes: ['holdMinutes'],
  cancelBeforeHours: ['cancelBeforeHours'],
} as const satisfies Partial<Record<keyof EventFields, readonly (keyof EventFields)[]>>;

export type FieldGroup = keyof typeof GROUPS;
const GROUP_NAMES = Object.keys(GROUPS) as FieldGroup[];
/** The same wall-clock time in another zone is another time. */
const IN_ZONE: readonly FieldGroup[] = ['startsAt', 'endsAt', 'salesOpenAt', 'salesCloseAt'];

/** What an organiser types about an event, on top of its newest known revision. */
export class EventDraft {
  fields: EventFields = $state({} as EventFields);
  #base: EventFields = $state.raw({} as EventFields);
  /** The zone that the times are shown in: the last complete name in the field of the zone. */
  #zoneOfTimes = 'UTC';
  #revision = $state(0);
  #conflicts: readonly FieldGroup[] = $state.raw([]);

  /** `event`: the event to edit, null for a new one; `timeZone`: that of a new event. */
  constructor(event: Event | null, timeZone: string) {
    this.#base = event === null ? emptyFields(timeZone) : fieldsOf(event);
    this.#setFields({ ...this.#base });
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
    return GROUP_NAMES.some((group) => isDifferent(group, this.#base, this.fields));
  }

  /** What both the organiser and somebody else have changed, until the organiser has chosen. */
  get conflicts(): readonly FieldGroup[] {
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
  follow(event: Event): FieldGroup[] {
    if (event.revision <= this.#revision) return [];
    const [before, theirs, mine] = [this.#base, fieldsOf(event), $state.snapshot(this.fields)];
    const theirsChanged = changedGroups(before, theirs);
    const mineChanged = changedGroups(before, mine);
    const stays = GROUP_NAMES.filter((group) => mineChanged.has(group) && !isSameValue(group, mine, theirs));
    this.#setFields({ ...theirs, ...valuesOf(stays, mine) });
    this.#base = theirs;
    this.#revision = event.revision;
    this.#conflicts = stays.filter((group) => theirsChanged.has(group) || this.#conflicts.includes(group));
    return GROUP_NAMES.filter((group) => isDifferent(group, before, theirs));
  }

  /** Takes over the outcome of an edit that was sent with these fields; what was typed since then stays. */
  saved(event: Event, sent: EventFields): void {
    const typed = GROUP_NAMES.filter((group) => isDifferent(group, sent, this.fields));
    const base = fieldsOf(event);
    this.#setFields({ ...base, ...valuesOf(typed, $state.snapshot(this.fields)) });
    this.#base = base;
    this.#revision = event.revision;
    this.#conflicts = [];
  }

  /** Ends a conflict. */
  choose(group: FieldGroup, whose: 'mine' | 'theirs'): void {
    if (whose === 'theirs') Object.assign(this.fields, valuesOf([group], this.#base));
    this.#conflicts = this.#conflicts.filter((one) => one !== group);
  }
}

function isDifferent(group: FieldGroup, one: EventFields, other: EventFields): boolean {
  return GROUPS[group].some((name) => one[name] !== other[name]);
}

/** Whether two texts mean the same, such as "12,50" and "12.50"; times of two zones never do. */
function isSameValue(group: FieldGroup, one: EventFields, other: EventFields): boolean {
  if (IN_ZONE.includes(group) && one.timeZone !== other.timeZone) return false;
  if (!isDifferent(group, one, other)) return true;
  const [parsed, others] = [parseEvent(one), parseEvent(other)];
  if (!parsed.ok || !others.ok) return false;
  return JSON.stringify(parsed.settings[group]) === JSON.stringify(others.settings[group]);
}

/** The groups that an edit changes; all times, if it changes the zone that they are in. */
function changedGroups(before: EventFields, after: EventFields): Set<FieldGroup> {
  const changed = new Set(GROUP_NAMES.filter((group) => isDifferent(group, before, after)));
  if (changed.has('timeZone')) for (const group of IN_ZONE) if (after[group] !== '') changed.add(group);
  return changed;
}

function valuesOf(groups: readonly FieldGroup[], fields: EventFields): Partial<EventFields> {
  return Object.fromEntries(groups.flatMap((group) => GROUPS[group].map((name) => [name, fields[name]])));
}
