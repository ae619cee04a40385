import type { FilterDate } from '#shared/events/filters.ts';
import { toWallClock, wallClockTimes } from '#shared/time/wall-clock.ts';

type DateRange = Omit<FilterDate, 'count'>;

/** An evening begins at five, and lasts until the next morning. */
const EVENING = '17:00';
const MORNING = '05:00';
const MIDNIGHT = '00:00';
/** When a weekend begins, on its Friday. */
const FRIDAY_EVENING = '18:00';
const FRIDAY = 5;
/** This month and the next eleven. */
const MONTHS = 12;

/** The ranges of dates that a visitor chooses from, by the clock of a time zone: tonight, this weekend, and months. */
export function dateRanges(at: Date, timeZone: string): DateRange[] {
  const [today = '', clock = ''] = toWallClock(at.toISOString(), timeZone).split('T');
  const moment = (day: string, time: string): string => wallClockTimes(`${day}T${time}`, timeZone)[0] ?? '';
  const evening = clock < MORNING ? dayAfter(today, -1) : today;
  const friday = fridayOf(today);
  const months = Array.from({ length: MONTHS }, (_, index) => firstOfMonth(today, index));
  return [
    { date: 'tonight', from: moment(evening, EVENING), to: moment(dayAfter(evening, 1), MORNING) },
    { date: 'weekend', from: moment(friday, FRIDAY_EVENING), to: moment(dayAfter(friday, 3), MIDNIGHT) },
    ...months.map((first) => ({
      date: first.slice(0, 7),
      from: moment(first, MIDNIGHT),
      to: moment(firstOfMonth(first, 1), MIDNIGHT),
    })),
  ];
}

/** The Friday of the weekend that comes next, or that it is. */
function fridayOf(day: string): string {
  const weekday = new Date(`${day}T00:00:00.000Z`).getUTCDay();
  return dayAfter(day, weekday === 0 ? -2 : FRIDAY - weekday);
}

function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00.000Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function firstOfMonth(day: string, monthsLater: number): string {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + monthsLater, 1)).toISOString().slice(0, 10);
}
