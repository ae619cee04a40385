const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A countdown: "9:42", "1:09:42"; "2 d 4 h" from two days on. Rounded up to seconds, never negative. */
export function countdown(ms: number): string {
  const left = Math.max(0, Math.ceil(ms / SECOND_MS) * SECOND_MS);
  if (left >= 2 * DAY_MS) return `${Math.floor(left / DAY_MS)} d ${Math.floor((left % DAY_MS) / HOUR_MS)} h`;
  const hours = Math.floor(left / HOUR_MS);
  const minutes = Math.floor((left % HOUR_MS) / MINUTE_MS);
  const seconds = pad(Math.floor((left % MINUTE_MS) / SECOND_MS));
  return hours > 0 ? `${hours}:${pad(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
