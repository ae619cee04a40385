import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { EventSettings } from '#shared/event.ts';
import type { CancelEvent, ChangeImage, Edit, Outcome, Recount } from './command.ts';
import { isSameTimeAndVenue } from './state/event-moves.ts';
import { NOTIFY_MOVED } from './notify.ts';
import { editedTypes, editTypesRefusal, lowestPrice, soldTypes, ticketTypeIssues } from './tickets/edit-types.ts';
import { changesPasses, editedPassesJob } from './tickets/pass-jobs.ts';
import type { BatchDraft } from './state/batch-draft.ts';
import type { CaptionedImage, EventState, Recounted } from './state/event-state.ts';
import { settingsIssues, startIssues, withMovedDoors } from './state/settings.ts';

const SEVERAL_PRICES = { path: ['price'], code: 'custom', message: 'Each ticket type has a price of its own' };

/**
 * Changes settings, ticket types and capacity; refused with `INVALID_INPUT` if times contradict each other or a published event would
 * begin in the past, or with the codes of `editRefusal`. An organiser's edit makes a sample an event like others.
 */
export function edit(draft: BatchDraft, command: Edit): Outcome {
  const error = editRefusal(command, draft.event, draft.everBooked);
  if (error) return { ok: false, error };
  const { ofSample } = command;
  const { totalSeats, ticketTypes: list, price, ...changes } = command.changes;
  const types = editedTypes(draft.event, command.changes);
  const eventBefore = draft.event;
  const before = eventBefore.settings;
  const settings = { ...before, ...withMovedDoors(before, changes), price: lowestPrice(types.ticketTypes) };
  const issues = [...settingsIssues(settings), ...ticketTypeIssues(list, draft.event)];
  if (price && soldTypes(draft.event).length !== 1) issues.push(SEVERAL_PRICES);
  if (!ofSample) issues.push(...startIssues(before, settings, draft.now));
  if (issues.length > 0) {
    return refuse('INVALID_INPUT', { issues: issues.map((i) => ({ ...i, path: ['changes', ...i.path] })) });
  }
  const isMoved = !isSameTimeAndVenue(before, settings);
  // Every buyer gets a new time until which to cancel; an event without bookings has no buyers to notify.
  draft.editSettings(settings, { ...types, ...(isMoved && { movedAt: draft.now }), isSample: ofSample !== undefined });
  // The buyers of a sample are invented too.
  if (isMoved && draft.everBooked && !ofSample) notifyOfMove(draft, before);
  if (!ofSample) updatePasses(draft, eventBefore);
  if (totalSeats !== undefined) draft.changeCapacity(totalSeats, command.actor);
  return { ok: true, event: true };
}

/**
 * The refusal of an edit that the event's present state does not allow: `INVALID_STATE` or `SEATS_IN_USE`.
 * `settingsIssues` says whether the new settings fit together.
 */
function editRefusal(command: Edit, event: EventState, everBooked: boolean): Refusal | null {
  const { changes } = command;
  if (event.settings.status === 'cancelled') return invalidState({ status: 'cancelled' });
  if (command.revision !== event.revision) return invalidState({ revision: event.revision });
  const { ofSample } = command;
  if (ofSample && !(event.isSample && event.version === ofSample.version)) return invalidState({ sample: false });
  const isWithdrawn = changes.status === 'draft' && event.settings.status === 'published';
  if (isWithdrawn && everBooked) return invalidState({ status: 'published', reason: 'has_bookings' });
  const { currency } = event.settings.price;
  const price = changes.price ?? changes.ticketTypes?.[0]?.price;
  if (price && price.currency !== currency && everBooked) return invalidState({ currency });
  const minimum = event.counters.heldSeats + event.counters.soldSeats;
  if (changes.totalSeats !== undefined && changes.totalSeats < minimum) {
    return refuse('SEATS_IN_USE', { details: { minimum } }).error;
  }
  return changes.ticketTypes ? editTypesRefusal(changes.ticketTypes, event) : null;
}

function invalidState(details: Record<string, unknown>): Refusal {
  return refuse('INVALID_STATE', { details }).error;
}

/** Notifies every buyer, with time and venue before and after the edit: by mail, and on the booking until it is seen. */
function notifyOfMove(draft: BatchDraft, before: EventSettings): void {
  const { event, now } = draft;
  draft.noteMove(before);
  const facts = { eventId: event.id, revision: event.revision, at: now };
  const payload = { ...facts, before: timeAndVenue(before), now: timeAndVenue(event.settings) };
  draft.addJob({ key: `${NOTIFY_MOVED}:${event.id}:${event.revision}`, kind: NOTIFY_MOVED, payload });
}

/** Tickets in wallets show the event's title, place, times and picture. */
function updatePasses(draft: BatchDraft, before: EventState): void {
  const { event } = draft;
  if (draft.everBooked && changesPasses(before, event)) draft.addJob(editedPassesJob(event.id, event.revision));
}

function timeAndVenue({ startsAt, endsAt, venue, timeZone }: EventSettings) {
  return { startsAt, endsAt, venue, timeZone };
}

/**
 * Gives the event an image, a caption, or none: an edit like others. What is so already changes nothing, so that a repeat is
 * harmless. `INVALID_STATE` for a cancelled event, and for a caption without an image.
 */
export function changeImage(draft: BatchDraft, { image: wanted }: ChangeImage): Outcome {
  const { settings, image: before } = draft.event;
  if (settings.status === 'cancelled') return { ok: false, error: invalidState({ status: 'cancelled' }) };
  if (wanted && wanted.id === undefined && !before) return { ok: false, error: invalidState({ image: null }) };
  const image = wanted && ({ ...before, ...wanted } as CaptionedImage);
  if (isSameImage(before, image)) return { ok: true, event: true };
  const eventBefore = draft.event;
  draft.editSettings(settings, { image, isSample: false });
  updatePasses(draft, eventBefore);
  return { ok: true, event: true };
}

function isSameImage(one: CaptionedImage | null, other: CaptionedImage | null): boolean {
  const facts = ['id', 'alt', 'focusX', 'focusY'] as const;
  return facts.every((fact) => one?.[fact] === other?.[fact]);
}

/** The kind of the job that cancels the bookings of a cancelled event. */
export const CANCEL_EVENT_JOB = 'cancel-event';

/** The key of the one job that cancels an event's bookings. */
export function cancelEventJobKey(eventId: string): string {
  return `cancel-event:${eventId}`;
}

/** Cancels the event; again changes nothing. A job of the same commit cancels bookings and closes the waiting list. */
export function cancelEvent(draft: BatchDraft, { actor, reason }: CancelEvent): Outcome {
  const { settings, id } = draft.event;
  if (settings.status !== 'cancelled')
    draft.editSettings({ ...settings, status: 'cancelled' }, { cancelReason: reason });
  const payload = { eventId: id, actor, reason: draft.event.cancelReason ?? reason, taken: draft.state.cancellation };
  draft.addJob({ key: cancelEventJobKey(id), kind: CANCEL_EVENT_JOB, payload });
  return { ok: true, event: true };
}

/**
 * Replaces the counters by what the ledger adds up to; its own ledger entry moves no seats, so that the sums stay
 * right.
 */
export function recount(draft: BatchDraft, _: Recount): Outcome {
  const { recounted } = draft.state;
  if (!recounted) return refuse('INVALID_STATE', { details: { reason: 'ledger' } });
  const corrected = [...corrections(draft.event, recounted), ...voucherCorrections(draft, recounted)];
  draft.replaceCounters(recounted, corrected.join(', ') || 'no counter differed');
  return { ok: true, event: true };
}

/** Each counter that changes, as "soldSeats 5 -> 3". */
function corrections({ counters, ticketTypes, version, waitingCount }: EventState, to: Recounted): string[] {
  const before: Record<string, number> = { ...counters, version, waitingCount };
  const after: Record<string, number> = { ...to.counters, version: to.seq, waitingCount: to.waitingCount };
  for (const { id, held, sold } of ticketTypes) {
    const counted = to.tickets.get(id);
    Object.assign(before, { [`held ${id}`]: held, [`sold ${id}`]: sold });
    Object.assign(after, { [`held ${id}`]: counted?.held ?? 0, [`sold ${id}`]: counted?.sold ?? 0 });
  }
  const wrong = Object.keys(after).filter((name) => before[name] !== after[name]);
  return wrong.map((name) => `${name} ${before[name]} -> ${after[name]}`);
}

/** Each count of a voucher's uses that changes, as "held FRIENDS 2 -> 1". */
function voucherCorrections({ vouchers }: Pick<BatchDraft, 'vouchers'>, to: Recounted): string[] {
  return [...to.vouchers].flatMap(([id, counted]) => {
    const voucher = vouchers.find(id);
    const names = voucher ? (['held', 'used'] as const).filter((name) => voucher[name] !== counted[name]) : [];
    return names.map((name) => `${name} ${voucher?.code} ${voucher?.[name]} -> ${counted[name]}`);
  });
}
