import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';

/** The refusal of what a provisional account may not do. */
export function provisionalRefusal(): Refusal {
  const message = 'This account only holds seats. Prove a mail address by a code first.';
  return refuse('FORBIDDEN', { message, details: { provisional: true } }).error;
}
