import { refuse } from '#shared/protocol/errors.ts';
import { isSeatInside, knownTicket } from '#shared/tickets/personal-seats.ts';
import type { Outcome } from '../command.ts';
import type { BatchDraft } from '../state/batch-draft.ts';
import type { Confirmed } from '../state/booking-state.ts';
import { nextVersion } from '../state/booking-state.ts';
import { changedPassesJob } from './pass-jobs.ts';
import { personalRefusal, withPersonal } from './personal.ts';
import type { RevokeTicket, ShareTicket } from './personal-command.ts';

/**
 * Notes that the buyer has sent the link of one seat's own ticket; once noted, nothing changes. `INVALID_STATE` for a
 * booking that is not confirmed, for a cancelled event, for a seat that is checked in, and by `personalRefusal`.
 */
export function shareTicket(draft: BatchDraft, command: ShareTicket): Outcome {
  const found = findConfirmed(draft, command);
  if (!('status' in found)) return found;
  const { ticket } = command;
  const error = personalRefusal(found, ticket);
  if (error) return { ok: false, error };
  if (knownTicket(found, ticket)?.sharedAt) return { ok: true, booking: found, repeated: true };
  if (isSeatInside(found, ticket)) return refuse('INVALID_STATE', { details: { ticket: 'checked_in' } });
  const personalTickets = withPersonal(found, ticket, { sharedAt: draft.now });
  const after = { ...nextVersion(found, draft.now), personalTickets };
  draft.changeBooking(found, after, { kind: 'ticketShared', actor: command.actor });
  return { ok: true, booking: after };
}

/**
 * Revokes an issue of one seat's own ticket: its link and its QR code are void, and the next issue is valid. An issue
 * that was revoked before stays so, and nothing changes. `INVALID_STATE` as for `shareTicket`.
 */
export function revokeTicket(draft: BatchDraft, command: RevokeTicket): Outcome {
  const found = findConfirmed(draft, command);
  if (!('status' in found)) return found;
  const { ticket } = command;
  const issue = knownTicket(found, ticket)?.issue ?? 0;
  const error = personalRefusal(found, { ...ticket, issue });
  if (error) return { ok: false, error };
  if (ticket.issue < issue) return { ok: true, booking: found, repeated: true };
  if (ticket.issue > issue) return refuse('INVALID_STATE', { details: { issue } });
  if (isSeatInside(found, ticket)) return refuse('INVALID_STATE', { details: { ticket: 'checked_in' } });
  const personalTickets = withPersonal(found, ticket, { issue: issue + 1, sharedAt: null });
  const after = { ...nextVersion(found, draft.now), personalTickets };
  draft.changeBooking(found, after, { kind: 'ticketRevoked', actor: command.actor });
  draft.addJob(changedPassesJob(draft.event.id, [after.id], `${after.id}-${after.version}`));
  return { ok: true, booking: after };
}

function findConfirmed(
  draft: BatchDraft,
  { bookingId }: Pick<ShareTicket, 'bookingId'>,
): Confirmed | Extract<Outcome, { ok: false }> {
  const booking = draft.booking(bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'confirmed') return refuse('INVALID_STATE', { details: { status: booking.status } });
  if (draft.event.settings.status === 'cancelled') return refuse('INVALID_STATE', { details: { event: 'cancelled' } });
  return booking;
}
