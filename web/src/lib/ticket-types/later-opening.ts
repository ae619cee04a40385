import type { Event } from '#shared/event.ts';
import type { TicketType } from '#shared/tickets/ticket-type.ts';

/**
 * When a public type goes on sale, if that is still to come and later than the opening of its event; else null. A type
 * that a voucher opens has no opening to be reminded of: the server would have to tell of it.
 */
export function laterOpening(
  { salesFrom, access, archived }: Pick<TicketType, 'salesFrom' | 'access' | 'archived'>,
  { salesOpenAt }: Pick<Event, 'salesOpenAt'>,
  nowMs: number,
): string | null {
  if (salesFrom === null || access !== 'public' || archived || nowMs >= Date.parse(salesFrom)) return null;
  return salesOpenAt !== null && salesFrom <= salesOpenAt ? null : salesFrom;
}
