import { m } from '#lib/paraglide/messages.js';

/** "45 minutes", "2 hours": a length as one says it, in whole hours where it is that. */
export function minutesInWords(minutes: number): string {
  return minutes % 60 === 0 ? m.n_hours({ count: minutes / 60 }) : m.n_minutes({ count: minutes });
}
