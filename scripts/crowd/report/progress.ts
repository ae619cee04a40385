import { msText, wholeText } from '../../load/number-text.ts';

/** The figures of a progress line. */
interface CrowdProgress {
  /** Since the first command. */
  seconds: number;
  bookingsPerSecond: number;
  freeSeats: number;
  p99Ms: number;
}

/** Stream for the progress, in practice the standard error, so that the summary can be piped. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const TERMINAL_EVERY_MS = 500;
const PLAIN_EVERY_MS = 5_000;

function progressText({ seconds, bookingsPerSecond, freeSeats, p99Ms }: CrowdProgress): string {
  const counts = `${wholeText(bookingsPerSecond)} bookings/s   ${wholeText(freeSeats)} seats free`;
  return `${seconds.toFixed(0)} s   ${counts}   p99 ${msText(p99Ms)}`;
}

/** Shows the progress until `end`: on a terminal in one line that changes, elsewhere in a new line every 5 s. */
export function showProgress(screen: Screen, takeProgress: () => CrowdProgress): { end(): void } {
  const isTerminal = screen.isTTY === true;
  const show = () => {
    const text = progressText(takeProgress());
    screen.write(isTerminal ? replaceLine(screen, text) : `${text}\n`);
  };
  const timer = setInterval(show, isTerminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS);
  return {
    end() {
      clearInterval(timer);
      if (isTerminal) screen.write(replaceLine(screen, ''));
    },
  };
}

/** The text in place of the terminal's current line, cut to its width. */
function replaceLine({ columns }: Screen, text: string): string {
  // Some terminals report 0 columns.
  return `\r${text.slice(0, (columns || 80) - 1)}\x1b[K`;
}
