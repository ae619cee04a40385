/** The code of every refusal of a command or route, and its HTTP status (PROTOCOL.md, "Replies"). */
export const ERROR_STATUS = {
  INVALID_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  SOLD_OUT: 409,
  SALES_CLOSED: 409,
  PRICE_CHANGED: 409,
  LIMIT_EXCEEDED: 409,
  REQUEST_ID_REUSED: 409,
  INVALID_STATE: 409,
  SEATS_IN_USE: 409,
  VOUCHER_INVALID: 409,
  EMAIL_TAKEN: 409,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  BUSY: 503,
  UNAVAILABLE: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** A broken rule of an input: its path, zod's issue code, and an English sentence for developers. */
export interface InputIssue {
  path: (string | number)[];
  code: string;
  message: string;
}

/**
 * Why a command is refused. `message` is English for developers; `issues` comes with INVALID_INPUT only; `retryAfterMs`
 * is in milliseconds; `details` depends on the code.
 */
export interface Refusal {
  code: ErrorCode;
  message: string;
  issues?: InputIssue[];
  retryAfterMs?: number;
  details?: Record<string, unknown>;
}

/** The outcome of a command, as its acknowledgement carries it. */
export type Result<T> = { ok: true; data: T } | { ok: false; error: Refusal };

const MESSAGES: Record<ErrorCode, string> = {
  INVALID_INPUT: 'The input breaks its schema.',
  UNAUTHENTICATED: 'Sign in first: there is no session, or it has ended.',
  FORBIDDEN: 'This account may not do that.',
  NOT_FOUND: 'There is no such thing here.',
  SOLD_OUT: 'Fewer seats or tickets are left than were asked for.',
  SALES_CLOSED: 'This event is not on sale.',
  PRICE_CHANGED: 'The price is not the one the buyer saw.',
  LIMIT_EXCEEDED: 'That is over what one person may hold or book for this event.',
  REQUEST_ID_REUSED: 'This requestId was already used with another input.',
  INVALID_STATE: 'The current state does not allow this.',
  SEATS_IN_USE: 'More than that is held or sold.',
  VOUCHER_INVALID: 'This voucher gives nothing here.',
  EMAIL_TAKEN: 'There is already an account with this address.',
  RATE_LIMITED: 'Too many requests.',
  INTERNAL: 'Something went wrong on our side.',
  BUSY: 'Too busy just now; nothing was done.',
  UNAVAILABLE: 'The database cannot answer now; retry with the same requestId.',
};

/** A success as a value. */
export function ok<T>(data: T): { ok: true; data: T } {
  return { ok: true, data };
}

/** A refusal as a value, by default with the code's message: `refuse('SOLD_OUT', { details: { availableSeats } })`. */
export function refuse(
  code: ErrorCode,
  more: { message?: string; issues?: InputIssue[]; retryAfterMs?: number; details?: Record<string, unknown> } = {},
): { ok: false; error: Refusal } {
  return { ok: false, error: { code, message: MESSAGES[code], ...more } };
}

/** The refusal after a defect; `incident` is the id under which the server's log has the cause. */
export function defectRefusal(incident: string): { ok: false; error: Refusal } {
  return refuse('INTERNAL', { message: `Something went wrong on our side (incident ${incident}).` });
}

/** The data of a result that cannot be a refusal here. Throws on a refusal, which is a defect. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Unexpected refusal: ${JSON.stringify(result.error)}`);
  return result.data;
}
