import type { CancelledPart, LineItem } from '#server/booking/rules/state/booking-state.ts';
import { seatsOf, totalOf } from '#server/booking/rules/tickets/line-items.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import { placeOf } from '#shared/text/place.ts';
import { bookedLines } from '#shared/tickets/booked-lines.ts';
import { namedLines, sellsSeatsAlone, ticketsText } from '#shared/tickets/named-lines.ts';
import { groupedCode } from '#shared/text/grouped-code.ts';
import type { Block } from '../mail.ts';
import { facts } from '../mail.ts';
import type { Translator } from './translator.ts';

/** A booking and its event, read when the notification is written rather than when its job was added. */
export interface BookingSnapshot {
  booking: BookingDoc;
  event: EventDoc;
  /** The key of the booking's link, which opens its ticket without a session. */
  key: string;
  origin: string;
  at: Date;
}

export function eventFacts(event: EventDoc, translator: Translator): Block {
  return facts(...eventLines(event, translator));
}

/** Title, start, doors and place. */
function eventLines(event: EventDoc, { say, time }: Translator): [label: string, value: string][] {
  const { title, startsAt, doorsAt, timeZone } = event;
  return [
    [say('fact.event'), title],
    [say('fact.when'), time(startsAt, timeZone)],
    ...(doorsAt ? [[say('fact.doors'), time(doorsAt, timeZone)] satisfies [string, string]] : []),
    [say('fact.where'), placeOf(event)],
  ];
}

export function isPriced({ tickets }: BookingDoc): boolean {
  return totalOf(tickets).amount > 0;
}

/** What a booking is for: "3 seats", or by ticket type where the event has several: "2 × Adult, 1 × Child". */
export function ticketsOrSeats({ booking, event }: Pick<BookingSnapshot, 'booking' | 'event'>, translator: Translator) {
  if (sellsSeatsAlone(event.ticketTypes)) return translator.seats(booking.seats);
  return ticketsText(namedLines(booking.tickets, event.ticketTypes));
}

type FactLine = [label: string, value: string];

/**
 * The seats; or each ticket type with its number, its price and what the voucher took off, the voucher, and the total. Of a
 * cancelled booking: all that was booked.
 */
function ticketFacts({ booking, event }: BookingSnapshot, translator: Translator): FactLine[] {
  const { say, money } = translator;
  const { voucher } = booking;
  const tickets =
    booking.status === 'cancelled' ? bookedLines(booking.tickets, booking.cancelledParts) : booking.tickets;
  if (sellsSeatsAlone(event.ticketTypes) && !voucher) return [[say('fact.seats'), String(seatsOf(tickets))]];
  const costs = tickets.some(({ price, discount = 0 }) => price.amount + discount > 0);
  const lines = namedLines(tickets, event.ticketTypes);
  return [
    [say('fact.tickets'), lines.map((line) => (costs ? pricedLine(line, translator) : ticketsText([line]))).join(', ')],
    ...(voucher ? [[say('fact.voucher'), voucher.code] satisfies FactLine] : []),
    ...(costs ? [[say('fact.total'), money(totalOf(tickets))] satisfies FactLine] : []),
  ];
}

/** "2 × Adult (€40.00)"; with a voucher "2 × Adult (€30.00, €10.00 off)". */
function pricedLine(line: LineItem & { name: string }, { say, money }: Translator): string {
  const { count, price, discount = 0 } = line;
  const times = (amount: number) => money({ amount: count * amount, currency: price.currency });
  const values = { line: ticketsText([line]), amount: times(price.amount) };
  return discount > 0
    ? say('tickets.reduced', { ...values, discount: times(discount) })
    : say('tickets.priced', values);
}

/** The minimum age and the accessibility, where the event states them. */
function detailLines({ minAge, accessInfo }: EventDoc, { say }: Translator): FactLine[] {
  const age = minAge === 0 ? say('fact.age_all') : say('fact.age_from', { age: String(minAge) });
  return [
    ...(typeof minAge === 'number' ? [[say('fact.age'), age] satisfies FactLine] : []),
    ...(accessInfo ? [[say('fact.access'), accessInfo] satisfies FactLine] : []),
  ];
}

/** What was cancelled of the booking before the rest, a line for each time, with what is refunded for it. */
function cancelledFacts({ booking, event }: BookingSnapshot, translator: Translator): FactLine[] {
  const { say, seats, money, time } = translator;
  return (booking.cancelledParts ?? []).map(({ tickets, amount, at }: CancelledPart) => {
    const what = sellsSeatsAlone(event.ticketTypes)
      ? seats(seatsOf(tickets))
      : ticketsText(namedLines(tickets, event.ticketTypes));
    const values = { what, time: time(at, event.timeZone) };
    const { currency } = totalOf(tickets);
    const words =
      amount === null
        ? say('cancelled.part', values)
        : say('cancelled.part_refunded', { ...values, amount: money({ amount, currency }) });
    return [say('fact.cancelled'), words];
  });
}

/** Serves as the receipt: includes tickets with their prices, and the amount paid. */
export function bookingFacts(snapshot: BookingSnapshot, translator: Translator): Block {
  const { booking, event } = snapshot;
  const { code, payment } = booking;
  const paid = payment && payment.status !== 'pending' && payment.status !== 'failed' ? payment : null;
  return facts(
    ...eventLines(event, translator),
    ...ticketFacts(snapshot, translator),
    ...cancelledFacts(snapshot, translator),
    [translator.say('fact.code'), groupedCode(code)],
    ...(paid ? [[translator.say('fact.paid'), translator.money(paid)] as const] : []),
    ...detailLines(event, translator),
  );
}
