import { z } from 'zod';
import { singleLine, time } from '../protocol/primitives.ts';

/**
 * What narrows a list of events. Category, tag, city and organiser are compared as whole texts, without regard to case and
 * accents.
 * An event fits a range if it takes place at some time from `from` on and begins before `to`. `available`: seats are
 * free, and their sale is not over.
 */
export const listFilterFields = {
  category: singleLine(40).optional(),
  tag: singleLine(30).optional(),
  city: singleLine(80).optional(),
  organiser: singleLine(120).optional(),
  from: time.optional(),
  to: time.optional(),
  free: z.literal(true).optional(),
  available: z.literal(true).optional(),
};

/** Whether a range, if there is one, begins before it ends. */
export function hasRange({ from, to }: { from?: string | undefined; to?: string | undefined }): boolean {
  return from === undefined || to === undefined || from < to;
}
export const NO_RANGE = { path: ['to'], message: 'Must be after from' };

/** A category, tag, city or organiser in use, as most of its events write it, and the number of these. */
const filterValue = z.object({ value: z.string(), count: z.int() });
export type FilterValue = z.infer<typeof filterValue>;

/** A range of dates: `tonight`, `weekend`, or a month such as `2026-12`, and the number of events in it. */
const filterDate = z.object({ date: z.string(), from: time, to: time, count: z.int() });
export type FilterDate = z.infer<typeof filterDate>;

/**
 * What the upcoming public events can be narrowed by, the most frequent first, and what has no event left out. The dates
 * go by `timeZone`, that of most of these events.
 */
export const eventFilters = z.object({
  timeZone: z.string(),
  categories: z.array(filterValue),
  cities: z.array(filterValue),
  organisers: z.array(filterValue),
  tags: z.array(filterValue),
  dates: z.array(filterDate),
  free: z.int(),
  available: z.int(),
});
export type EventFilters = z.infer<typeof eventFilters>;
