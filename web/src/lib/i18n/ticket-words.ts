import { isolated } from '#shared/text/isolated.ts';
import type { Event } from '#shared/event.ts';
import type { TicketType } from '#shared/tickets/ticket-type.ts';
import { deadlineTime } from '#lib/format/dates.ts';
import type { Failure } from '#lib/live/connection/connection.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import type { ChoiceProblem } from '#lib/ticket-types/choice.ts';

/** When a type is sold, by the reader's clock; null where only the event's own sale bounds it. */
export function windowWords(
  { salesFrom, salesUntil }: Pick<TicketType, 'salesFrom' | 'salesUntil'>,
  { timeZone, salesCloseAt }: Pick<Event, 'timeZone' | 'salesCloseAt'>,
  nowMs: number,
): string | null {
  const time = (iso: string) => deadlineTime(iso, timeZone, nowMs);
  if (salesUntil !== null && nowMs >= Date.parse(salesUntil)) return m.tickets_window_over();
  const isBounded = salesUntil !== null && salesUntil < salesCloseAt;
  if (salesFrom === null || nowMs >= Date.parse(salesFrom))
    return isBounded ? m.tickets_until_alone({ time: time(salesUntil) }) : null;
  const from = m.tickets_from({ time: time(salesFrom) });
  return isBounded ? `${from}, ${m.tickets_until({ time: time(salesUntil) })}` : from;
}

/** What a type takes and demands, in words: its seats, its least and most number, a seat beside it; '' if nothing. */
export function typeRules({ seats, minPerBooking, maxPerBooking }: TicketType): string {
  const rules = [
    ...(seats === 0 ? [m.tickets_extra()] : []),
    ...(seats > 1 ? [m.tickets_seats_each({ count: seats })] : []),
    ...(minPerBooking > 1 ? [m.tickets_least({ count: minPerBooking })] : []),
    ...(maxPerBooking !== null ? [m.tickets_most({ count: maxPerBooking })] : []),
  ];
  return rules.join(' ');
}

/** Why a choice cannot be booked as it is. */
export function problemWords(problem: ChoiceProblem): string {
  switch (problem.kind) {
    case 'nothing':
      return m.tickets_choose();
    case 'needs_seat':
      return m.tickets_problem_seat({ name: isolated(problem.type.name) });
    case 'least':
      return m.tickets_problem_least({ name: isolated(problem.type.name), count: problem.type.minPerBooking });
    case 'most':
      return m.tickets_problem_most({ name: isolated(problem.type.name), count: problem.type.maxPerBooking ?? 0 });
    case 'window':
      return m.tickets_problem_window({ name: isolated(problem.type.name) });
    case 'left':
      return problem.left === 0
        ? m.tickets_problem_none_left({ name: isolated(problem.type.name) })
        : m.tickets_problem_left({ name: isolated(problem.type.name), count: problem.left });
    case 'seats':
      return m.fewer_free({ count: problem.free });
    case 'per_booking':
      return m.tickets_problem_seats({ count: problem.most });
    case 'uses':
      return problem.left === 0 ? m.tickets_voucher_used_up() : m.tickets_voucher_limit_some({ count: problem.left });
    default:
      return problem satisfies never;
  }
}

/** Why a voucher gives nothing. */
export function voucherWords({ code, details = {} }: Failure): string {
  if (code === 'RATE_LIMITED') return m.tickets_voucher_rate();
  if (code !== 'VOUCHER_INVALID' && code !== 'INVALID_INPUT') return m.tickets_voucher_unanswered();
  switch (details.reason) {
    case 'used_up':
      return m.tickets_voucher_used_up();
    case 'not_open':
      return m.tickets_voucher_not_open();
    case 'closed':
      return m.tickets_voucher_closed();
    case 'other_tickets':
      return m.tickets_voucher_other();
    case 'limit':
      return typeof details.limit === 'number' && details.limit > 0
        ? m.tickets_voucher_limit_some({ count: details.limit })
        : m.tickets_voucher_limit();
    default:
      return m.tickets_voucher_unknown();
  }
}

/** Tickets as a sentence part: "2 × Adult, 1 × Child". */
export function ticketsInWords(tickets: readonly { name: string; count: number }[]): string {
  return tickets.map(({ name, count }) => `${count}\u00a0×\u00a0${isolated(name)}`).join(', ');
}
