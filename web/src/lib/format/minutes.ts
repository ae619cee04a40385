import { m } from '#lib/paraglide/messages.js';

/** A duration in minutes, or in hours if they are whole: "45 minutes", "2 hours". */
export function minutesInWords(minutes: number): string {
  return minutes % 60 === 0 ? m.n_hours({ count: minutes / 60 }) : m.n_minutes({ count: minutes });
}
