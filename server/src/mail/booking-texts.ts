import { calendarOf } from '#server/calendar/calendar-file.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import { cancelUntil } from '#shared/cancel-until.ts';
import type { Block, Mail } from './mail.ts';
import { button, facts, text } from './mail.ts';
import { pathOf } from './page-path.ts';
import type { Speaker, Word } from './texts/translator.ts';

/** A booking and its event as they are when the mail is written. */
export interface Story {
  booking: BookingDoc;
  event: EventDoc;
  origin: string;
  at: Date;
}

export type Place = Pick<EventDoc, 'startsAt' | 'endsAt' | 'venue' | 'timeZone'>;

export function confirmedMail(story: Story, speaks: Speaker, word: 'confirmed' | 'revived'): Mail {
  const { booking, event, at } = story;
  const until = cancelUntil(booking, event);
  const deadline =
    until > at ? [text(speaks.say('confirmed.until', { until: speaks.time(until, event.timeZone) }))] : [];
  return {
    subject: speaks.say(`${word}.subject`, { title: event.title }),
    blocks: [
      text(speaks.say(`${word}.body`)),
      bookingFacts(story, speaks),
      ticket(story, speaks, 'confirmed.button'),
      ...deadline,
    ],
    calendar: calendar(story, speaks),
  };
}

/** By the buyer, by the organiser, or because the event does not take place. */
export function cancelledMail(story: Story, speaks: Speaker): Mail {
  const { booking, event, origin } = story;
  const { by, reason } = booking.ended ?? { by: 'buyer', reason: null };
  const word = by === 'event' ? 'called_off' : 'cancelled';
  const body: Word = by === 'event' ? 'called_off.body' : by === 'buyer' ? 'cancelled.own' : 'cancelled.body';
  const why = reason === null ? [] : [text(speaks.say('reason', { reason }))];
  return {
    subject: speaks.say(`${word}.subject`, { title: event.title }),
    blocks: [
      ...[text(speaks.say(body)), ...why, ...refund(story, speaks), bookingFacts(story, speaks)],
      button(speaks.say('cancelled.button'), origin + pathOf('bookings', '', speaks.locale)),
    ],
    calendar: calendar(story, speaks),
  };
}

/** Some of the seats were given back; what of the price goes with them is told when it has gone. */
export function fewerMail(story: Story, speaks: Speaker): Mail {
  const { booking, event } = story;
  const back = booking.payment?.status === 'refunding' ? [text(speaks.say('fewer.refund'))] : [];
  return {
    subject: speaks.say('fewer.subject', { title: event.title }),
    blocks: [
      ...[text(speaks.say('fewer.body', { seats: speaks.seats(booking.seats) })), ...back],
      ...[bookingFacts(story, speaks), ticket(story, speaks, 'confirmed.button')],
    ],
    calendar: calendar(story, speaks),
  };
}

/** The organiser took a hold away. Whoever was paying just then is told of that money by itself. */
export function releasedMail({ booking, event, origin }: Story, speaks: Speaker): Mail {
  const reason = booking.ended?.reason ?? null;
  return {
    subject: speaks.say('released.subject', { title: event.title }),
    blocks: [
      text(speaks.say('released.body', { seats: speaks.seats(booking.seats) })),
      ...(reason === null ? [] : [text(speaks.say('reason', { reason }))]),
      ...(booking.price.amount > 0 ? [text(speaks.say('released.unpaid'))] : []),
      eventFacts(event, speaks),
      button(speaks.say('missed.button'), origin + pathOf('event', event._id.toHexString(), speaks.locale)),
    ],
  };
}

/** What of it is on its way back; what has gone back is told by itself. */
function refund({ booking: { payment } }: Story, speaks: Speaker): Block[] {
  if (payment?.status !== 'refunding') return [];
  const amount = { amount: payment.amount - payment.refundedAmount, currency: payment.currency };
  return [text(speaks.say('called_off.refund', { amount: speaks.money(amount) }))];
}

export function offeredMail(story: Story, speaks: Speaker): Mail {
  const { booking, event, origin } = story;
  const seats = speaks.seats(booking.seats);
  return {
    subject: speaks.say('offered.subject', { seats, title: event.title }),
    blocks: [
      text(speaks.say('offered.body', { seats, until: endOf(story, speaks) })),
      eventFacts(event, speaks),
      button(speaks.say('offered.button'), origin + pathOf('event', event._id.toHexString(), speaks.locale)),
      text(speaks.say('offered.note')),
    ],
  };
}

export function missedMail(story: Story, speaks: Speaker): Mail {
  const { booking, event, origin } = story;
  return {
    subject: speaks.say('missed.subject', { title: event.title }),
    blocks: [
      text(speaks.say('missed.body', { seats: speaks.seats(booking.seats), until: endOf(story, speaks) })),
      button(speaks.say('missed.button'), origin + pathOf('event', event._id.toHexString(), speaks.locale)),
    ],
  };
}

/** Shows what was and what is now; the calendar file moves the entry that is there. */
export function movedMail(story: Story, speaks: Speaker, before: Place): Mail {
  const { booking, event, at } = story;
  const until = cancelUntil(booking, event);
  const word: Word = booking.price.amount > 0 ? 'moved.until_paid' : 'moved.until';
  const choice = until > at ? [text(speaks.say(word, { until: speaks.time(until, event.timeZone) }))] : [];
  const shown = (place: Place) => [speaks.time(place.startsAt, place.timeZone), place.venue].join(', ');
  return {
    subject: speaks.say('moved.subject', { title: event.title }),
    blocks: [
      text(speaks.say('moved.body')),
      facts(
        [speaks.say('fact.event'), event.title],
        [speaks.say('fact.so_far'), shown(before)],
        [speaks.say('fact.now'), shown(event)],
        [speaks.say('fact.code'), booking.code],
      ),
      ticket(story, speaks, 'moved.button'),
      ...choice,
      text(speaks.say('moved.calendar')),
    ],
    calendar: calendar(story, speaks),
  };
}

/** Until when an offer stands, on the clock of the venue. */
export function endOf({ booking, event, at }: Story, speaks: Speaker): string {
  return speaks.time(booking.holdExpiresAt ?? at, event.timeZone);
}

export function eventFacts({ title, startsAt, timeZone, venue }: EventDoc, speaks: Speaker): Block {
  return facts(
    [speaks.say('fact.event'), title],
    [speaks.say('fact.when'), speaks.time(startsAt, timeZone)],
    [speaks.say('fact.where'), venue],
  );
}

/** The receipt as well: what the buyer has paid for it. */
export function bookingFacts({ booking, event }: Story, speaks: Speaker): Block {
  const { seats, code, payment } = booking;
  const paid = payment && payment.status !== 'pending' && payment.status !== 'failed' ? payment : null;
  return facts(
    [speaks.say('fact.event'), event.title],
    [speaks.say('fact.when'), speaks.time(event.startsAt, event.timeZone)],
    [speaks.say('fact.where'), event.venue],
    [speaks.say('fact.seats'), String(seats)],
    [speaks.say('fact.code'), code],
    ...(paid ? [[speaks.say('fact.paid'), speaks.money(paid)] as const] : []),
  );
}

function ticket({ booking, origin }: Story, speaks: Speaker, word: Word): Block {
  return button(speaks.say(word), origin + pathOf('ticket', booking._id.toHexString(), speaks.locale));
}

function calendar({ booking, event, origin, at }: Story, speaks: Speaker): string {
  const description = `${speaks.seats(booking.seats)}, ${speaks.say('fact.code')} ${booking.code}`;
  const url = origin + pathOf('event', event._id.toHexString(), speaks.locale);
  return calendarOf({ booking, event, description, url, at });
}
