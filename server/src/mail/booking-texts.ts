import { renderCalendarFile } from '#server/calendar/calendar-file.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import { cancelUntil } from '#shared/cancel-until.ts';
import type { Block, Mail } from './mail.ts';
import { button, facts, text } from './mail.ts';
import { pagePath } from './page-path.ts';
import type { Translator, TextKey } from './texts/translator.ts';

/** A booking and its event as they are when the mail is written. */
export interface BookingSnapshot {
  booking: BookingDoc;
  event: EventDoc;
  origin: string;
  at: Date;
}

export type TimeAndVenue = Pick<EventDoc, 'startsAt' | 'endsAt' | 'venue' | 'timeZone'>;

export function confirmedMail(snapshot: BookingSnapshot, translator: Translator, word: 'confirmed' | 'revived'): Mail {
  const { booking, event, at } = snapshot;
  const until = cancelUntil(booking, event);
  const deadline =
    until > at ? [text(translator.say('confirmed.until', { until: translator.time(until, event.timeZone) }))] : [];
  return {
    subject: translator.say(`${word}.subject`, { title: event.title }),
    blocks: [
      text(translator.say(`${word}.body`)),
      bookingFacts(snapshot, translator),
      ticket(snapshot, translator, 'confirmed.button'),
      ...deadline,
    ],
    calendar: calendar(snapshot, translator),
  };
}

/** By the buyer, by the organiser, or because the event does not take place. */
export function cancelledMail(snapshot: BookingSnapshot, translator: Translator): Mail {
  const { booking, event, origin } = snapshot;
  const { by, reason } = booking.ended ?? { by: 'buyer', reason: null };
  const word = by === 'event' ? 'called_off' : 'cancelled';
  const body: TextKey = by === 'event' ? 'called_off.body' : by === 'buyer' ? 'cancelled.own' : 'cancelled.body';
  const why = reason === null ? [] : [text(translator.say('reason', { reason }))];
  return {
    subject: translator.say(`${word}.subject`, { title: event.title }),
    blocks: [
      ...[text(translator.say(body)), ...why, ...refund(snapshot, translator), bookingFacts(snapshot, translator)],
      button(translator.say('cancelled.button'), origin + pagePath('bookings', '', translator.locale)),
    ],
    calendar: calendar(snapshot, translator),
  };
}

/** Some of the seats were given back; what of the price goes with them is told when it has gone. */
export function fewerMail(snapshot: BookingSnapshot, translator: Translator): Mail {
  const { booking, event } = snapshot;
  const back = booking.payment?.status === 'refunding' ? [text(translator.say('fewer.refund'))] : [];
  return {
    subject: translator.say('fewer.subject', { title: event.title }),
    blocks: [
      ...[text(translator.say('fewer.body', { seats: translator.seats(booking.seats) })), ...back],
      ...[bookingFacts(snapshot, translator), ticket(snapshot, translator, 'confirmed.button')],
    ],
    calendar: calendar(snapshot, translator),
  };
}

/** The organiser took a hold away. Whoever was paying just then is told of that money by itself. */
export function releasedMail({ booking, event, origin }: BookingSnapshot, translator: Translator): Mail {
  const reason = booking.ended?.reason ?? null;
  return {
    subject: translator.say('released.subject', { title: event.title }),
    blocks: [
      text(translator.say('released.body', { seats: translator.seats(booking.seats) })),
      ...(reason === null ? [] : [text(translator.say('reason', { reason }))]),
      ...(booking.price.amount > 0 ? [text(translator.say('released.unpaid'))] : []),
      eventFacts(event, translator),
      button(translator.say('missed.button'), origin + pagePath('event', event._id.toHexString(), translator.locale)),
    ],
  };
}

/** What of it is on its way back; what has gone back is told by itself. */
function refund({ booking: { payment } }: BookingSnapshot, translator: Translator): Block[] {
  if (payment?.status !== 'refunding') return [];
  const amount = { amount: payment.amount - payment.refundedAmount, currency: payment.currency };
  return [text(translator.say('called_off.refund', { amount: translator.money(amount) }))];
}

export function offeredMail(snapshot: BookingSnapshot, translator: Translator): Mail {
  const { booking, event, origin } = snapshot;
  const seats = translator.seats(booking.seats);
  return {
    subject: translator.say('offered.subject', { seats, title: event.title }),
    blocks: [
      text(translator.say('offered.body', { seats, until: offerEnd(snapshot, translator) })),
      eventFacts(event, translator),
      button(translator.say('offered.button'), origin + pagePath('event', event._id.toHexString(), translator.locale)),
      text(translator.say('offered.note')),
    ],
  };
}

export function missedMail(snapshot: BookingSnapshot, translator: Translator): Mail {
  const { booking, event, origin } = snapshot;
  return {
    subject: translator.say('missed.subject', { title: event.title }),
    blocks: [
      text(
        translator.say('missed.body', {
          seats: translator.seats(booking.seats),
          until: offerEnd(snapshot, translator),
        }),
      ),
      button(translator.say('missed.button'), origin + pagePath('event', event._id.toHexString(), translator.locale)),
    ],
  };
}

/** Shows what was and what is now; the calendar file moves the entry that is there. */
export function movedMail(snapshot: BookingSnapshot, translator: Translator, before: TimeAndVenue): Mail {
  const { booking, event, at } = snapshot;
  const until = cancelUntil(booking, event);
  const word: TextKey = booking.price.amount > 0 ? 'moved.until_paid' : 'moved.until';
  const choice = until > at ? [text(translator.say(word, { until: translator.time(until, event.timeZone) }))] : [];
  const shown = (place: TimeAndVenue) => [translator.time(place.startsAt, place.timeZone), place.venue].join(', ');
  return {
    subject: translator.say('moved.subject', { title: event.title }),
    blocks: [
      text(translator.say('moved.body')),
      facts(
        [translator.say('fact.event'), event.title],
        [translator.say('fact.so_far'), shown(before)],
        [translator.say('fact.now'), shown(event)],
        [translator.say('fact.code'), booking.code],
      ),
      ticket(snapshot, translator, 'moved.button'),
      ...choice,
      text(translator.say('moved.calendar')),
    ],
    calendar: calendar(snapshot, translator),
  };
}

/** Until when an offer stands, on the clock of the venue. */
export function offerEnd({ booking, event, at }: BookingSnapshot, translator: Translator): string {
  return translator.time(booking.holdExpiresAt ?? at, event.timeZone);
}

export function eventFacts({ title, startsAt, timeZone, venue }: EventDoc, translator: Translator): Block {
  return facts(
    [translator.say('fact.event'), title],
    [translator.say('fact.when'), translator.time(startsAt, timeZone)],
    [translator.say('fact.where'), venue],
  );
}

/** The receipt as well: what the buyer has paid for it. */
export function bookingFacts({ booking, event }: BookingSnapshot, translator: Translator): Block {
  const { seats, code, payment } = booking;
  const paid = payment && payment.status !== 'pending' && payment.status !== 'failed' ? payment : null;
  return facts(
    [translator.say('fact.event'), event.title],
    [translator.say('fact.when'), translator.time(event.startsAt, event.timeZone)],
    [translator.say('fact.where'), event.venue],
    [translator.say('fact.seats'), String(seats)],
    [translator.say('fact.code'), code],
    ...(paid ? [[translator.say('fact.paid'), translator.money(paid)] as const] : []),
  );
}

function ticket({ booking, origin }: BookingSnapshot, translator: Translator, word: TextKey): Block {
  return button(translator.say(word), origin + pagePath('ticket', booking._id.toHexString(), translator.locale));
}

function calendar({ booking, event, origin, at }: BookingSnapshot, translator: Translator): string {
  const description = `${translator.seats(booking.seats)}, ${translator.say('fact.code')} ${booking.code}`;
  const url = origin + pagePath('event', event._id.toHexString(), translator.locale);
  return renderCalendarFile({ booking, event, description, url, at });
}
