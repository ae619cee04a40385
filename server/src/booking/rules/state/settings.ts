import type { InputIssue } from '#shared/protocol/errors.ts';
import type { EventChanges, EventSettings } from '#shared/event.ts';
import type { SettingsChanges, TicketTypeSettings } from '../command.ts';
import type { TicketTypeInput } from '#shared/tickets/ticket-type.ts';
import { salesCloseAt } from './event-state.ts';

const INSTANTS = ['startsAt', 'endsAt', 'salesOpenAt', 'salesCloseAt', 'doorsAt'] as const;

/** Settings from an organiser's validated input: times become dates, absent fields stay absent. */
export function parseSettings(input: EventChanges): SettingsChanges {
  const settings: Record<string, unknown> = { ...input };
  for (const key of INSTANTS) {
    const value = input[key];
    if (typeof value === 'string') settings[key] = new Date(value);
  }
  if (input.tags === null) settings['tags'] = [];
  if (input.ticketTypes) settings['ticketTypes'] = input.ticketTypes.map(parseTicketType);
  return settings as SettingsChanges;
}

function parseTicketType({ id, salesFrom, salesUntil, ...input }: TicketTypeInput): TicketTypeSettings {
  const times = { salesFrom: dateOf(salesFrom), salesUntil: dateOf(salesUntil) };
  return { ...input, ...times, ...(id !== undefined && { id }) };
}

function dateOf(time: string | null): Date | null {
  return time === null ? null : new Date(time);
}

/**
 * A published event begins in the future when it is created, published or moved. `before`: its settings until then, null
 * for a new event. An event that has begun keeps its start in all other edits.
 */
export function startIssues(before: EventSettings | null, settings: EventSettings, now: Date): InputIssue[] {
  const isAnnounced = before === null || before.status !== 'published';
  const isMoved = before?.startsAt.getTime() !== settings.startsAt.getTime();
  if (settings.status !== 'published' || settings.startsAt > now || !(isAnnounced || isMoved)) return [];
  return [{ path: ['startsAt'], code: 'past', message: 'Must be in the future, unless the event is a draft' }];
}

/** Contradictions between the times of an event, each with the path of the field to correct. */
export function settingsIssues(settings: EventSettings): InputIssue[] {
  const issues: InputIssue[] = [];
  if (settings.endsAt && settings.endsAt <= settings.startsAt) {
    issues.push({ path: ['endsAt'], code: 'custom', message: 'Must be after startsAt' });
  }
  if (settings.salesOpenAt && settings.salesOpenAt >= salesCloseAt(settings)) {
    issues.push({ path: ['salesOpenAt'], code: 'custom', message: 'Must be before sales close' });
  }
  if (settings.doorsAt && settings.doorsAt > settings.startsAt) {
    issues.push({ path: ['doorsAt'], code: 'custom', message: 'Must not be after startsAt' });
  }
  return issues;
}

/**
 * The changes of an edit with the doors where they belong: those of an event that moves, and of which the edit says
 * nothing, stay as long before the start as they were.
 */
export function withMovedDoors(before: EventSettings, changes: Partial<EventSettings>): Partial<EventSettings> {
  const { startsAt, doorsAt } = changes;
  if (startsAt === undefined || doorsAt !== undefined || before.doorsAt === null) return changes;
  const movedMs = startsAt.getTime() - before.startsAt.getTime();
  return { ...changes, doorsAt: new Date(before.doorsAt.getTime() + movedMs) };
}
