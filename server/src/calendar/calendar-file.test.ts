import { Types } from 'mongoose';
import { describe, expect, test } from 'vitest';
import type { BookingStatus } from '#shared/booking.ts';
import type { Locale } from '#shared/account.ts';
import type { Event as ListedEvent } from '#shared/event.ts';
import { renderCalendarFile } from './calendar-file.ts';
import { sequenceOf } from '../../test/support/calendar-fields.ts';

const booking = {
  _id: new Types.ObjectId('0123456789abcdef01234567'),
  version: 1,
  status: 'confirmed' as BookingStatus,
  seats: 2,
  code: '7KQM2XTD',
};
const event = {
  title: 'Jazz im Hinterhof',
  venue: 'Alte Schlosserei',
  timeZone: 'Europe/Berlin',
  startsAt: new Date('2026-07-01T18:00:00.000Z'),
  endsAt: new Date('2026-07-01T20:30:00.000Z'),
  address: null as string | null,
  city: null as string | null,
  doorsAt: null as Date | null,
  status: 'published' as ListedEvent['status'],
  revision: 1,
};
const url = 'https://tickets.example.org/events/1';

function file(more: { booking?: object; event?: object; description?: string; locale?: Locale } = {}): string[] {
  const entry = { booking: { ...booking, ...more.booking }, event: { ...event, ...more.event } };
  const description = more.description ?? '2 seats';
  const made = renderCalendarFile({
    ...entry,
    description,
    locale: more.locale ?? 'en',
    url,
    at: new Date('2026-06-01T10:00:00.000Z'),
  });
  // RFC 5545 folds long lines by a line break and a space.
  return made.replaceAll('\r\n ', '').split('\r\n');
}

/** The description, without the backslashes before commas (RFC 5545). */
const descriptionIn = (lines: string[]) =>
  lines.find((line) => line.startsWith('DESCRIPTION:'))?.replaceAll('\\,', ',');
const sequenceIn = (lines: string[]) => sequenceOf(lines.join('\r\n'));

describe('the calendar file of a booking', () => {
  test('starts and ends at moments in UTC, so that no rule of a time zone can be wrong', () => {
    const lines = file();
    expect(lines).toEqual(
      expect.arrayContaining(['DTSTART:20260701T180000Z', 'DTEND:20260701T203000Z', 'DTSTAMP:20260601T100000Z']),
    );
    expect(lines.filter((line) => /TZID|VTIMEZONE/.test(line))).toEqual([]);
    expect(file({ event: { endsAt: null } }).filter((line) => line.startsWith('DTEND'))).toEqual([]);
  });

  test('says first that a sample event does not take place, in the language of the file', () => {
    expect(descriptionIn(file({ event: { sample: true } }))).toMatch(
      /^DESCRIPTION:Sample event: it does not take place, /,
    );
    expect(descriptionIn(file({ event: { sample: true }, locale: 'de' }))).toMatch(/^DESCRIPTION:Beispiel: /);
    expect(descriptionIn(file())).not.toContain('Sample');
  });

  test('distinguishes the two times that the clock of the venue shows twice in autumn', () => {
    const [startsAt, endsAt] = [new Date('2026-10-25T00:15:00.000Z'), new Date('2026-10-25T01:15:00.000Z')];
    const lines = file({ event: { startsAt, endsAt } });
    expect(lines).toEqual(expect.arrayContaining(['DTSTART:20261025T001500Z', 'DTEND:20261025T011500Z']));
    expect(descriptionIn(lines)).toBe(
      'DESCRIPTION:Sun, 25 Oct 2026, 02:15 CEST – Sun, 25 Oct 2026, 02:15 CET, 2 seats',
    );
  });

  test.each(['Africa/Cairo', 'America/Santiago', 'Asia/Gaza', 'Africa/Casablanca', 'US/Eastern', 'Asia/Kolkata'])(
    'has the same moment in every time zone, in years whose rules are not known yet: %s',
    (timeZone) => {
      const startsAt = new Date('2029-04-24T18:00:00.000Z');
      const lines = file({ event: { timeZone, startsAt, endsAt: null } });
      expect(lines).toContain('DTSTART:20290424T180000Z');
    },
  );

  test('shows the time at the venue to people, in their language and with its zone', () => {
    const times = 'Mi., 1. Juli 2026, 20:00 MESZ – Mi., 1. Juli 2026, 22:30 MESZ, 2 seats';
    expect(descriptionIn(file({ locale: 'de' }))).toBe(`DESCRIPTION:${times}`);
    expect(descriptionIn(file({ locale: 'en' }))).toContain('20:00 CEST');
  });

  test('has address and city beside the venue, and the time of the doors', () => {
    const [address, doorsAt] = ['Hof 3, 50667 Köln', new Date('2026-07-01T17:00:00.000Z')];
    const lines = file({ event: { address, city: 'Köln', doorsAt } });
    expect(lines).toContain('LOCATION:Alte Schlosserei\\, Hof 3\\, 50667 Köln');
    expect(descriptionIn(lines)).toContain(', Doors 19:00 CEST, 2 seats');
    expect(descriptionIn(file({ event: { doorsAt }, locale: 'de' }))).toContain(', Einlass 19:00 MESZ, 2 seats');
    expect(descriptionIn(file())).not.toContain('Doors');
  });

  test('keeps its UID, and its SEQUENCE grows with each edit of the event and each change of the booking', () => {
    const versions = [
      file(),
      file({ event: { revision: 2, startsAt: new Date('2026-07-02T18:00:00.000Z') } }),
      file({ event: { revision: 3 } }),
      file({ event: { revision: 3 }, booking: { version: 2, status: 'cancelled' } }),
    ];
    expect(new Set(versions.map((lines) => lines.find((line) => line.startsWith('UID:'))))).toEqual(
      new Set(['UID:booking-0123456789abcdef01234567@frontrow']),
    );
    expect(versions.map(sequenceIn)).toEqual([0, 1, 2, 3]);
  });

  test.each([
    [{}, {}, 'CONFIRMED'],
    [{ status: 'cancelled' }, {}, 'CANCELLED'],
    [{ status: 'expired' }, {}, 'CANCELLED'],
    [{ status: 'held' }, {}, 'TENTATIVE'],
    [{}, { status: 'cancelled' }, 'CANCELLED'],
  ])('of a booking %j of an event %j has the status %s', (of, on, status) => {
    expect(file({ booking: of, event: on })).toContain(`STATUS:${status}`);
  });

  test('gets no additional lines from line breaks in titles and venues', () => {
    const evil = 'x\r\nATTENDEE:mailto:a@example.org\nBEGIN:VALARM\u2028\u0000;,\\';
    const lines = file({ event: { title: evil, venue: evil }, description: evil });
    expect(lines.filter((line) => /^(?:ATTENDEE|BEGIN:VALARM)/.test(line))).toEqual([]);
    expect(lines.find((line) => line.startsWith('SUMMARY:'))).toBe(
      'SUMMARY:x ATTENDEE:mailto:a@example.org BEGIN:VALARM \\;\\,\\\\',
    );
    expect(lines.filter((line) => line === 'BEGIN:VEVENT')).toHaveLength(1);
  });
});
