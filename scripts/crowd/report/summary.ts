import { msText, wholeText } from '../../load/number-text.ts';
import type { Action } from '../buyers/random-choice.ts';
import { ACTIONS } from '../buyers/random-choice.ts';
import type { CrowdRun } from '../crowd.ts';
import type { WatchersFigures } from '../watchers.ts';
import type { ActionLatency, CrowdFigures } from './tally.ts';

const ACTION_NAMES: Record<Action, string> = { book: 'booked', look: 'looked', cancel: 'cancelled' };

/** The figures as text for people, one line each. */
export function summaryLines(figures: CrowdRun): string[] {
  const actions = ACTIONS.filter((action) => figures.latencyMs[action].count > 0);
  return [
    `${wholeText(figures.bookings)} bookings of ${wholeText(figures.seats)} seats in ${figures.seconds.toFixed(1)} s: ` +
      `${wholeText(figures.bookingsPerSecond)} bookings/s`,
    ...actions.map((action) => actionLine(action, figures.latencyMs[action])),
    ...(Object.keys(figures.payments).length > 0 ? [`  payments    ${countsText(figures.payments)}`] : []),
    `  refused     ${countsText(figures.refused)}`,
    `  pushes      ${countsText(figures.pushes)}`,
    ...(figures.watched ? [watchedLine(figures.watched)] : []),
    `  problems    ${countsText(problems(figures))}`,
  ];
}

/** 0 if at least one command succeeded, no reply was INTERNAL, and every watcher was up to date at the end. */
export function exitCodeOf(figures: CrowdRun): 0 | 1 {
  const succeeded = ACTIONS.some((action) => figures.latencyMs[action].count > 0);
  return succeeded && !figures.refused['INTERNAL'] && !figures.watched?.behind ? 0 : 1;
}

function actionLine(action: Action, { count, p50, p90, p99, max }: ActionLatency): string {
  const times = `p50 ${msText(p50)}  p90 ${msText(p90)}  p99 ${msText(p99)}  max ${msText(max)}`;
  return `  ${ACTION_NAMES[action].padEnd(11)} ${wholeText(count).padStart(9)} times   ${times}`;
}

function watchedLine({ watchers, changes, behind }: WatchersFigures): string {
  const end = behind === 0 ? 'all up to date at the end' : `${wholeText(behind)} of them behind at the end`;
  return `  watched     ${wholeText(watchers)} watchers, ${wholeText(changes)} changes, ${end}`;
}

function problems({ retries, unanswered, lostConnections, stopped }: CrowdFigures): Record<string, number> {
  return { 'lost connections': lostConnections, 'sent again': retries, unanswered, ...stopped };
}

/** "1,204 SOLD_OUT, 3 BUSY", the highest count first; "none" if all are 0. */
function countsText(counts: Record<string, number>): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  entries.sort(([, a], [, b]) => b - a);
  return entries.map(([name, count]) => `${wholeText(count)} ${name}`).join(', ') || 'none';
}
