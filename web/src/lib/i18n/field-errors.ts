import type { InputIssue } from '#shared/protocol/errors.ts';
import { m } from '#lib/paraglide/messages.js';

/** The first issue of each field in words, by the field's name (the first part of the issue's path). */
export function fieldErrors(issues: InputIssue[] | undefined): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const issue of issues ?? []) {
    const field = String(issue.path.at(-1) === 'currency' ? 'currency' : (issue.path[0] ?? ''));
    errors[field] ??= issueWords(field, issue.code);
  }
  return errors;
}

const NUMBERS = new Set([
  'totalSeats',
  'maxSeatsPerBooking',
  'maxSeatsPerUser',
  'holdMinutes',
  'offerMinutes',
  'cancelBeforeHours',
  'minAge',
  'seats',
  'limit',
  'minPerBooking',
  'maxPerBooking',
  'count',
  'percentOff',
  'maxTickets',
  'maxTicketsPerUser',
]);
/** Texts of one line that have to show something. */
const VISIBLE = new Set(['name', 'title', 'venue', 'reason']);
const TIMES = new Set([
  'startsAt',
  'endsAt',
  'doorsAt',
  'salesOpenAt',
  'salesCloseAt',
  'salesFrom',
  'salesUntil',
  'validFrom',
  'validUntil',
]);

/** An issue of a field in words. */
export function issueWords(field: string, code: string): string {
  if (field === 'email') return m.issue_email();
  if (field === 'timeZone') return m.issue_time_zone();
  if (field === 'taxRate') return m.issue_tax_rate();
  if (field === 'price' || field === 'amountOff') return m.issue_amount();
  if (TIMES.has(field)) return timeWords(field, code);
  if (NUMBERS.has(field)) return numberWords(code);
  return textWords(field, code);
}

function timeWords(field: string, code: string): string {
  if (field === 'doorsAt' && code === 'custom') return m.details_doors_order();
  if (code === 'past') return m.issue_past();
  return code === 'custom' ? m.issue_order() : m.issue_time();
}

function numberWords(code: string): string {
  if (code === 'too_small') return m.issue_too_small();
  return code === 'too_big' ? m.issue_too_big() : m.issue_number();
}

function textWords(field: string, code: string): string {
  if (field === 'tags') return m.details_tags_error();
  if (code === 'too_big') return m.issue_too_long();
  if ((field === 'password' || field === 'next') && code === 'too_small') return m.field_password_hint();
  // A text of invisible signs alone looks like an empty one.
  const isEmpty = code === 'too_small' || code === 'invalid_type' || (VISIBLE.has(field) && code === 'custom');
  return isEmpty ? m.issue_required() : m.issue_invalid();
}
