import type { Result } from '#shared/protocol/errors.ts';

/** The data of a result that cannot be a refusal here: if it is one all the same, that is a defect. */
export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`Refused where it cannot be: ${JSON.stringify(result.error)}`);
  return result.data;
}
