import { ms } from './summary.ts';

/** What a progress line tells. */
export interface Moment {
  /** Since the buying began. */
  seconds: number;
  bookingsPerSecond: number;
  freeSeats: number;
  p99Ms: number;
}

/** Where progress is shown: the standard error, so that the summary can be piped. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const TERMINAL_EVERY_MS = 500;
const PLAIN_EVERY_MS = 5_000;

export function momentLine({ seconds, bookingsPerSecond, freeSeats, p99Ms }: Moment): string {
  const rate = Math.round(bookingsPerSecond).toLocaleString('en');
  return `${seconds.toFixed(0)} s   ${rate} bookings/s   ${freeSeats.toLocaleString('en')} seats free   p99 ${ms(p99Ms)}`;
}

/** Shows what `takeMoment` tells: on a terminal in one living line, elsewhere a line each five seconds. */
export function showProgress(screen: Screen, takeMoment: () => Moment): { end(): void } {
  const live = screen.isTTY === true;
  const timer = setInterval(
    () => screen.write(live ? livingLine(screen, momentLine(takeMoment())) : `${momentLine(takeMoment())}\n`),
    live ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS,
  );
  return {
    end() {
      clearInterval(timer);
      if (live) screen.write(livingLine(screen, ''));
    },
  };
}

/** Back to the line's begin, the new text over the old, at most as long as the screen is wide. */
function livingLine({ columns }: Screen, text: string): string {
  // Some terminals say that they have 0.
  return `\r${text.slice(0, (columns || 80) - 1)}\x1b[K`;
}
