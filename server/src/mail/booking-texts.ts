import { renderCalendarFile } from '#server/calendar/calendar-file.ts';
import type { TimeAndVenue } from '#server/booking/rules/state/event-state.ts';
import { salesCloseAt } from '#server/booking/rules/state/event-state.ts';
import type { EventDoc } from '#server/models/event.ts';
import { cancelUntil } from '#shared/cancel-until.ts';
import { groupedCode } from '#shared/text/grouped-code.ts';
import { isolated } from '#shared/text/isolated.ts';
import { sellsSeatsAlone } from '#shared/tickets/named-lines.ts';
import type { Block, Mail } from './mail.ts';
import { button, facts, link, text, ticketCode } from './mail.ts';
import { pagePath } from './page-path.ts';
import type { BookingSnapshot } from './texts/booking-facts.ts';
import { bookingFacts, eventFacts, isPriced, ticketsOrSeats } from './texts/booking-facts.ts';
import type { Translator, TextKey } from './texts/translator.ts';

/** Every mail about an event passes here: of a sample it says first that the event is one. */
export function eventMail({ sample }: Pick<EventDoc, 'sample'>, translator: Translator, mail: Mail): Mail {
  return sample ? { ...mail, blocks: [text(translator.say('sample')), ...mail.blocks] } : mail;
}

export function confirmedMail(snapshot: BookingSnapshot, translator: Translator, kind: 'confirmed' | 'revived'): Mail {
  const { booking, event, at } = snapshot;
  const until = cancelUntil(booking, event);
  const deadline =
    until > at ? [text(translator.say('confirmed.until', { until: translator.time(until, event.timeZone) }))] : [];
  return {
    subject: translator.say(`${kind}.subject`, { title: event.title }),
    blocks: [
      text(translator.say(`${kind}.body`)),
      bookingFacts(snapshot, translator),
      ...ticketParts(snapshot, translator),
      ...deadline,
      bookingLink(snapshot, translator),
      ...(isPriced(booking) ? [text(translator.say('ticket.receipt'))] : []),
    ],
    calendar: calendarFile(snapshot, translator),
  };
}

/** For a booking that the buyer or the organiser cancelled, or that ended with its event. */
export function cancelledMail(snapshot: BookingSnapshot, translator: Translator): Mail {
  const { booking, event, origin } = snapshot;
  const { by, reason } = booking.ended ?? { by: 'buyer', reason: null };
  const word = by === 'event' ? 'called_off' : 'cancelled';
  const body: TextKey = by === 'event' ? 'called_off.body' : by === 'buyer' ? 'cancelled.own' : 'cancelled.body';
  return {
    subject: translator.say(`${word}.subject`, { title: event.title }),
    blocks: [
      text(translator.say(body)),
      ...reasonText(reason, translator),
      ...refundText(snapshot, translator),
      bookingFacts(snapshot, translator),
      button(translator.say('cancelled.button'), origin + pagePath('bookings', '', translator.locale)),
    ],
    calendar: calendarFile(snapshot, translator),
  };
}

/** For a booking with some tickets cancelled; `reason`: the organiser's. The refund of their price has its own mail. */
export function fewerMail(snapshot: BookingSnapshot, translator: Translator, reason: string | null): Mail {
  const { booking, event } = snapshot;
  const [subject, body, refund] = sellsSeatsAlone(event.ticketTypes)
    ? (['fewer.subject', 'fewer.body', 'fewer.refund'] as const)
    : (['fewer.tickets_subject', 'fewer.tickets_body', 'fewer.tickets_refund'] as const);
  const booked = ticketsOrSeats(snapshot, translator);
  const back = booking.payment?.status === 'refunding' ? [text(translator.say(refund))] : [];
  return {
    subject: translator.say(subject, { title: event.title }),
    blocks: [
      text(translator.say(body, { seats: booked, tickets: booked })),
      ...(reason === null ? [] : [text(translator.say('reason', { reason }))]),
      ...back,
      bookingFacts(snapshot, translator),
      ...ticketParts(snapshot, translator),
      bookingLink(snapshot, translator),
    ],
    calendar: calendarFile(snapshot, translator),
  };
}

/** For a hold or offer that the organiser ended, or that ended with its event. */
export function releasedMail(snapshot: BookingSnapshot, translator: Translator): Mail {
  const { booking, event, origin } = snapshot;
  const seats = ticketsOrSeats(snapshot, translator);
  const isOffer = booking.source === 'waitlist';
  const word = booking.ended?.by === 'event' ? 'called_off' : 'released';
  const subject: TextKey = word === 'released' && isOffer ? 'released.offer_subject' : `${word}.subject`;
  return {
    subject: translator.say(subject, { title: event.title }),
    blocks: [
      text(translator.say(`${word}.${isOffer ? 'offer' : 'hold'}`, { seats })),
      ...reasonText(booking.ended?.reason ?? null, translator),
      ...(isPriced(booking) ? [text(translator.say('released.unpaid'))] : []),
      eventFacts(event, translator),
      button(translator.say('missed.button'), origin + pagePath('event', event._id.toHexString(), translator.locale)),
    ],
  };
}

export function cancelReasonText({ cancelReason }: Pick<EventDoc, 'cancelReason'>, translator: Translator): Block[] {
  return reasonText(cancelReason, translator);
}

function reasonText(reason: string | null, translator: Translator): Block[] {
  return reason === null ? [] : [text(translator.say('reason', { reason }))];
}

/** The amount still to be refunded; finished refunds have mails of their own. */
function refundText({ booking: { payment } }: BookingSnapshot, translator: Translator): Block[] {
  if (payment?.status !== 'refunding') return [];
  const amount = { amount: payment.amount - payment.refundedAmount, currency: payment.currency };
  return [text(translator.say('called_off.refund', { amount: translator.money(amount) }))];
}

export function offeredMail(snapshot: BookingSnapshot, translator: Translator): Mail {
  const { event, origin } = snapshot;
  const seats = ticketsOrSeats(snapshot, translator);
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

/** For an offer that lapsed. A list whose sale is over can be joined no more. */
export function missedMail(snapshot: BookingSnapshot, translator: Translator): Mail {
  const { event, origin, at } = snapshot;
  const seats = ticketsOrSeats(snapshot, translator);
  const isCancelled = event.status === 'cancelled';
  const next: TextKey = isCancelled ? 'called_off.missed' : salesCloseAt(event) > at ? 'missed.again' : 'missed.closed';
  return {
    subject: translator.say(isCancelled ? 'called_off.subject' : 'missed.subject', { title: event.title }),
    blocks: [
      text(
        `${translator.say('missed.body', { seats, until: offerEnd(snapshot, translator) })} ${translator.say(next)}`,
      ),
      ...(isCancelled ? cancelReasonText(event, translator) : []),
      button(translator.say('missed.button'), origin + pagePath('event', event._id.toHexString(), translator.locale)),
    ],
  };
}

/**
 * Names what has changed, and shows the earlier and the present time and venue; the attached file updates the calendar's
 * event. Null if the event shows what it showed before.
 */
export function movedMail(snapshot: BookingSnapshot, translator: Translator, before: TimeAndVenue): Mail | null {
  const { booking, event, at } = snapshot;
  const changes = movedParts(before, event, translator);
  if (changes.length === 0) return null;
  const until = cancelUntil(booking, event);
  const word: TextKey = isPriced(booking) ? 'moved.until_paid' : 'moved.until';
  const choice = until > at ? [text(translator.say(word, { until: translator.time(until, event.timeZone) }))] : [];
  const isEndMoved = changes.includes('moved.end');
  const shown = (of: TimeAndVenue) =>
    [
      translator.time(of.startsAt, of.timeZone),
      ...(isEndMoved ? [endText(of, translator)] : []),
      isolated(of.venue),
    ].join(', ');
  const what = changes.map((part) => translator.say(part)).join(', ');
  return {
    subject: translator.say('moved.subject', { title: event.title }),
    blocks: [
      text(translator.say('moved.body', { what })),
      facts(
        [translator.say('fact.event'), event.title],
        [translator.say('fact.so_far'), shown(before)],
        [translator.say('fact.now'), shown(event)],
        [translator.say('fact.code'), groupedCode(booking.code)],
      ),
      ...ticketParts(snapshot, translator),
      ...choice,
      bookingLink(snapshot, translator),
      text(translator.say('moved.calendar')),
    ],
    calendar: calendarFile(snapshot, translator),
  };
}

type MovedPart = 'moved.start' | 'moved.end' | 'moved.zone' | 'moved.place';

/** The parts that read differently before and after. The zone alone changes what the clock shows, and no moment. */
function movedParts(before: TimeAndVenue, after: TimeAndVenue, translator: Translator): MovedPart[] {
  const isMoved = before.startsAt.getTime() !== after.startsAt.getTime();
  const isEndMoved = before.endsAt?.getTime() !== after.endsAt?.getTime();
  const reads = (of: TimeAndVenue) => `${translator.time(of.startsAt, of.timeZone)} ${endText(of, translator)}`;
  const parts: Record<MovedPart, boolean> = {
    'moved.start': isMoved,
    'moved.end': isEndMoved,
    'moved.zone': !isMoved && !isEndMoved && reads(before) !== reads(after),
    'moved.place': before.venue !== after.venue,
  };
  const names = Object.keys(parts) as MovedPart[];
  return names.filter((name) => parts[name]);
}

function endText({ endsAt, timeZone }: TimeAndVenue, translator: Translator): string {
  if (endsAt === null) return translator.say('moved.no_end');
  return translator.say('moved.ends', { time: translator.time(endsAt, timeZone) });
}

/** When an offer ends, in the time zone of the venue. */
export function offerEnd({ booking, event, at }: BookingSnapshot, translator: Translator): string {
  return translator.time(booking.holdExpiresAt ?? at, event.timeZone);
}

/** The QR code, and the link that opens the ticket without a session. */
function ticketParts({ booking, key, origin }: BookingSnapshot, translator: Translator): Block[] {
  return [
    ticketCode(translator.say('ticket.code', { code: groupedCode(booking.code) })),
    button(translator.say('ticket.button'), origin + pagePath('linkedTicket', key, translator.locale)),
    text(translator.say('ticket.note')),
  ];
}

/** The booking's page, which asks for a session. */
function bookingLink({ booking, origin }: BookingSnapshot, translator: Translator): Block {
  return link(
    translator.say('ticket.booking'),
    origin + pagePath('ticket', booking._id.toHexString(), translator.locale),
  );
}

function calendarFile(snapshot: BookingSnapshot, translator: Translator): string {
  const { booking, event, origin, at } = snapshot;
  const description = `${ticketsOrSeats(snapshot, translator)}, ${translator.say('fact.code')} ${groupedCode(booking.code)}`;
  const url = origin + pagePath('event', event._id.toHexString(), translator.locale);
  return renderCalendarFile({ booking, event, description, locale: translator.locale, url, at });
}
