import type { ErrorCode } from '#shared/protocol/errors.ts';

const TEMPORARY_CODES: ReadonlySet<ErrorCode> = new Set(['BUSY', 'UNAVAILABLE', 'RATE_LIMITED']);

/** Whether the same request, sent again later, may succeed (PROTOCOL.md, "Replies"). */
export function isTemporary(code: ErrorCode): boolean {
  return TEMPORARY_CODES.has(code);
}
