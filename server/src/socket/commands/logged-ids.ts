import type { Result } from '#shared/protocol/errors.ts';

/** Fields of inputs that name what a command is about. */
const NAMES = ['requestId', 'bookingId', 'eventId', 'paymentId', 'voucherId'] as const;
/** A UUID, 24 hex digits, or the key of a payment attempt. */
const ID = /^[\da-fA-F-]{24,36}(?::\d{1,6})?$/;

/** The ids in a command's input, by which its lines in the log are found. Nothing else of an input is logged. */
export function idsOf(input: unknown): Record<string, string> {
  const ids: Record<string, string> = {};
  if (typeof input !== 'object' || input === null) return ids;
  for (const name of NAMES) {
    const id: unknown = Object.hasOwn(input, name) ? input[name as keyof typeof input] : undefined;
    if (typeof id === 'string' && ID.test(id)) ids[name] = id;
  }
  return ids;
}

/** The same with the id of the booking that the command made. */
export function idsWith(reply: Result<unknown>, command: string, input: unknown): Record<string, string> {
  const ids = idsOf(input);
  if (command !== 'book' || !reply.ok) return ids;
  return { ...ids, bookingId: String((reply.data as { id?: unknown }).id) };
}
