import type { Act } from '../buyers/chance.ts';
import { ACTS } from '../buyers/chance.ts';
import type { Figures, Latency } from './tally.ts';

const ACT_NAMES: Record<Act, string> = { book: 'booked', look: 'looked', cancel: 'cancelled' };

/** The figures for people, a line each. */
export function summaryLines(figures: Figures): string[] {
  return [
    `${whole(figures.bookings)} bookings of ${whole(figures.seats)} seats in ${figures.seconds.toFixed(1)} s: ` +
      `${whole(figures.bookingsPerSecond)} bookings/s`,
    ...ACTS.filter((act) => figures.latencyMs[act].count > 0).map((act) => actLine(act, figures.latencyMs[act])),
    ...(Object.keys(figures.payments).length > 0 ? [`  payments    ${list(figures.payments)}`] : []),
    `  refused     ${list(figures.refused)}`,
    `  pushes      ${list(figures.pushes)}`,
    `  troubles    ${list(troubles(figures))}`,
  ];
}

/** 0 when the server did its work: something succeeded, and nothing met a defect. */
export function exitCodeOf(figures: Figures): 0 | 1 {
  const worked = ACTS.some((act) => figures.latencyMs[act].count > 0);
  return worked && !figures.refused['INTERNAL'] ? 0 : 1;
}

function actLine(act: Act, { count, p50, p90, p99, max }: Latency): string {
  const times = `p50 ${ms(p50)}  p90 ${ms(p90)}  p99 ${ms(p99)}  max ${ms(max)}`;
  return `  ${ACT_NAMES[act].padEnd(11)} ${whole(count).padStart(9)} times   ${times}`;
}

function troubles({ retries, unanswered, lostConnections, stopped }: Figures): Record<string, number> {
  return { 'lost connections': lostConnections, 'sent again': retries, unanswered, ...stopped };
}

/** "1,204 SOLD_OUT, 3 BUSY", most first; "none" where all are 0. */
function list(counts: Record<string, number>): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  entries.sort(([, a], [, b]) => b - a);
  return entries.map(([name, count]) => `${whole(count)} ${name}`).join(', ') || 'none';
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Milliseconds with a decimal where it says something. */
export function ms(value: number): string {
  return `${value < 100 ? value.toFixed(1) : whole(value)} ms`;
}
