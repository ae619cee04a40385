import { describe, expect, it } from 'vitest';
import { dateRanges } from './date-ranges.ts';

const BERLIN = 'Europe/Berlin';

function range(date: string, at: string, timeZone = BERLIN): string[] {
  const found = dateRanges(new Date(at), timeZone).find((one) => one.date === date);
  return found === undefined ? [] : [found.from, found.to];
}

describe('the dates that a visitor chooses from', () => {
  it('are an evening until the next morning, by the clock of the zone', () => {
    expect(range('tonight', '2026-11-24T09:00:00.000Z')).toEqual([
      '2026-11-24T16:00:00.000Z',
      '2026-11-25T04:00:00.000Z',
    ]);
    expect(range('tonight', '2026-11-24T23:30:00.000Z', 'Asia/Tokyo')).toEqual([
      '2026-11-25T08:00:00.000Z',
      '2026-11-25T20:00:00.000Z',
    ]);
  });

  it('are the night that it is until five in the morning, and then the next evening', () => {
    const night = ['2026-11-24T16:00:00.000Z', '2026-11-25T04:00:00.000Z'];
    expect(range('tonight', '2026-11-25T03:59:00.000Z')).toEqual(night);
    expect(range('tonight', '2026-11-25T04:00:00.000Z')).not.toEqual(night);
  });

  it('are a weekend from Friday evening to Sunday midnight, also while it is one', () => {
    const weekend = ['2026-11-27T17:00:00.000Z', '2026-11-29T23:00:00.000Z'];
    for (const day of ['23', '26', '27', '28', '29'])
      expect(range('weekend', `2026-11-${day}T12:00:00.000Z`)).toEqual(weekend);
    expect(range('weekend', '2026-11-30T12:00:00.000Z')[0]).toBe('2026-12-04T17:00:00.000Z');
  });

  it('are this month and the next eleven, each from midnight to midnight', () => {
    const ranges = dateRanges(new Date('2026-12-31T23:30:00.000Z'), BERLIN);
    const months = ranges.map(({ date }) => date).slice(2);
    expect(months).toEqual([...months].sort());
    expect([months.length, months[0], months.at(-1)]).toEqual([12, '2027-01', '2027-12']);
    expect(range('2027-03', '2026-12-31T23:30:00.000Z')).toEqual([
      '2027-02-28T23:00:00.000Z',
      '2027-03-31T22:00:00.000Z',
    ]);
  });
});
