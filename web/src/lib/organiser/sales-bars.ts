import type { EventStats } from '#shared/organiser.ts';

const HOUR_MS = 3_600_000;
/** The hours that one bar may stand for: familiar spans up to a month. */
const WIDTHS = [1, 2, 6, 12, 24, 48, 168, 336, 720];

/** The sales of `hours` hours from `fromMs` on; `amount` in minor units. */
export interface SalesBar {
  fromMs: number;
  hours: number;
  seats: number;
  amount: number;
}

/**
 * Sales as bars of equal width, from the first sale to `untilMs` or the last sale, whichever is later; hours without
 * sales are included. The width is the smallest one that needs at most `most` bars.
 */
export function salesBars(salesByHour: EventStats['salesByHour'], untilMs: number, most = 24): SalesBar[] {
  const first = salesByHour[0];
  if (first === undefined) return [];
  const startMs = Date.parse(first.at);
  const lastMs = Math.max(Date.parse(salesByHour.at(-1)?.at ?? first.at), Math.floor(untilMs / HOUR_MS) * HOUR_MS);
  const span = Math.floor((lastMs - startMs) / HOUR_MS) + 1;
  const hours = WIDTHS.find((width) => Math.ceil(span / width) <= most) ?? Math.ceil(span / most);
  const bars = Array.from({ length: Math.ceil(span / hours) }, (_, index) => ({
    fromMs: startMs + index * hours * HOUR_MS,
    hours,
    seats: 0,
    amount: 0,
  }));
  for (const { at, seats, amount } of salesByHour) {
    const bar = bars[Math.floor((Date.parse(at) - startMs) / (hours * HOUR_MS))];
    if (bar === undefined) continue;
    bar.seats += seats;
    bar.amount += amount;
  }
  return bars;
}
