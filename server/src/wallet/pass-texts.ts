import { groupedCode } from '#shared/text/grouped-code.ts';
import { namedLines, sellsSeatsAlone } from '#shared/tickets/named-lines.ts';
import type { PassSubject } from './pass-subjects.ts';

/** What a pass says of the booking, the same in every language; null for what it does not show. */
interface PassTexts {
  /** Seats, where the event has nothing but these. */
  seats: number | null;
  /** "2 × Adult, 1 × Child", or the type of one seat's own ticket. */
  tickets: string | null;
  /** Which of how many, of one seat's own ticket. */
  seat: { number: number; of: number } | null;
  /** In groups of four; null on what others may hold for one seat. */
  code: string | null;
}

export function passTextsOf({ booking, event, personal }: PassSubject): PassTexts {
  const isPlain = sellsSeatsAlone(event.ticketTypes);
  if (personal) {
    const { name, number, of } = personal;
    return { seats: null, tickets: isPlain ? null : name, seat: { number, of }, code: null };
  }
  const lines = namedLines(booking.tickets, event.ticketTypes).map(({ count, name }) => `${count} × ${name}`);
  return {
    seats: isPlain ? booking.seats : null,
    tickets: isPlain ? null : lines.join(', '),
    seat: null,
    code: groupedCode(booking.code),
  };
}
