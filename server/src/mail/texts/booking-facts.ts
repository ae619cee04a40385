import { totalOf } from '#server/booking/rules/tickets/line-items.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import { namedLines, sellsSeatsAlone, ticketsText } from '#shared/tickets/named-lines.ts';
import { groupedCode } from '#shared/text/grouped-code.ts';
import type { Block } from '../mail.ts';
import { facts } from '../mail.ts';
import type { Translator } from './translator.ts';

/** A booking and its event, read when the notification is written rather than when its job was added. */
export interface BookingSnapshot {
  booking: BookingDoc;
  event: EventDoc;
  origin: string;
  at: Date;
}

export function eventFacts({ title, startsAt, timeZone, venue }: EventDoc, translator: Translator): Block {
  return facts(
    [translator.say('fact.event'), title],
    [translator.say('fact.when'), translator.time(startsAt, timeZone)],
    [translator.say('fact.where'), venue],
  );
}

export function isPriced({ tickets }: BookingDoc): boolean {
  return totalOf(tickets).amount > 0;
}

/** What a booking is for: "3 seats", or by ticket type where the event has several: "2 × Adult, 1 × Child". */
export function ticketsOrSeats({ booking, event }: Pick<BookingSnapshot, 'booking' | 'event'>, translator: Translator) {
  if (sellsSeatsAlone(event.ticketTypes)) return translator.seats(booking.seats);
  return ticketsText(namedLines(booking.tickets, event.ticketTypes));
}

/** The seats, or each ticket type with its number and what its tickets cost, and the voucher. */
function ticketFacts({ booking, event }: BookingSnapshot, translator: Translator): [label: string, value: string][] {
  const { say, money } = translator;
  const voucher: [string, string][] = booking.voucher ? [[say('fact.voucher'), booking.voucher.code]] : [];
  if (sellsSeatsAlone(event.ticketTypes)) return [[say('fact.seats'), String(booking.seats)], ...voucher];
  const lines = namedLines(booking.tickets, event.ticketTypes).map((named) => {
    const line = ticketsText([named]);
    const { amount, currency } = named.price;
    return isPriced(booking)
      ? say('tickets.priced', { line, amount: money({ amount: named.count * amount, currency }) })
      : line;
  });
  return [[say('fact.tickets'), lines.join(', ')], ...voucher];
}

/** Serves as the receipt: includes tickets with their prices, and the amount paid. */
export function bookingFacts(snapshot: BookingSnapshot, translator: Translator): Block {
  const { booking, event } = snapshot;
  const { code, payment } = booking;
  const paid = payment && payment.status !== 'pending' && payment.status !== 'failed' ? payment : null;
  return facts(
    [translator.say('fact.event'), event.title],
    [translator.say('fact.when'), translator.time(event.startsAt, event.timeZone)],
    [translator.say('fact.where'), event.venue],
    ...ticketFacts(snapshot, translator),
    [translator.say('fact.code'), groupedCode(code)],
    ...(paid ? [[translator.say('fact.paid'), translator.money(paid)] as const] : []),
  );
}
