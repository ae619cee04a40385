import { Types } from 'mongoose';
import { describe, expect, test } from 'vitest';
import type { BookingStatus } from '#shared/booking.ts';
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
  status: 'published' as ListedEvent['status'],
  cancelReason: null,
  cancelBeforeHours: 24,
  movedAt: null,
  revision: 1,
};
const url = 'https://tickets.example.org/events/1';

function file(more: { booking?: object; event?: object; description?: string } = {}): string[] {
  const entry = { booking: { ...booking, ...more.booking }, event: { ...event, ...more.event } };
  const description = more.description ?? '2 seats';
  const made = renderCalendarFile({ ...entry, description, url, at: new Date('2026-06-01T10:00:00.000Z') });
  // RFC 5545 folds long lines by a line break and a space.
  return made.replaceAll('\r\n ', '').split('\r\n');
}

const sequenceIn = (lines: string[]) => sequenceOf(lines.join('\r\n'));

describe('the calendar file of a booking', () => {
  test('has the local times of the venue and the rules of its time zone, whatever the time zone of the server', () => {
    const lines = file();
    expect(lines).toEqual(
      expect.arrayContaining([
        'DTSTART;TZID=Europe/Berlin:20260701T200000',
        'DTEND;TZID=Europe/Berlin:20260701T223000',
        'DTSTAMP:20260601T100000Z',
        'BEGIN:VTIMEZONE',
        'TZID:Europe/Berlin',
      ]),
    );
    const winter = file({ event: { startsAt: new Date('2026-12-01T19:00:00.000Z'), endsAt: null } });
    expect(winter).toContain('DTSTART;TZID=Europe/Berlin:20261201T200000');
    expect(winter.some((line) => line.startsWith('DTEND'))).toBe(false);
  });

  test.each([
    ['UTC', 'DTSTART:20260701T180000Z'],
    ['US/Eastern', 'DTSTART;TZID=America/New_York:20260701T140000'],
    ['Asia/Kolkata', 'DTSTART;TZID=Asia/Kolkata:20260701T233000'],
    ['America/New_York', 'DTSTART;TZID=America/New_York:20260701T140000'],
  ])('starts in %s with %s, and contains the rules of the time zone that it names', (timeZone, start) => {
    const lines = file({ event: { timeZone } });
    expect(lines).toContain(start);
    const named = /TZID=([^:]+):/.exec(start)?.[1];
    if (named) expect(lines).toContain(`TZID:${named}`);
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
