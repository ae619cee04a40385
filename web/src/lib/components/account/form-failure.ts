import { fieldErrors } from '#lib/i18n/field-errors.ts';
import type { Failure } from '#lib/live/connection/connection.svelte.ts';
import { m } from '#lib/paraglide/messages.js';

export interface FormFailure {
  /** Error texts by field name. */
  fields: Record<string, string>;
  /** Error text for the whole form, or null. */
  problem: string | null;
}

/** Error texts for a refused account form. `refusals` has the texts for codes with a special meaning in this form. */
export function formFailure(failure: Failure, refusals: Partial<Record<Failure['code'], string>> = {}): FormFailure {
  const special = refusals[failure.code];
  if (special !== undefined) return { fields: {}, problem: special };
  const fields = fieldErrors(failure.issues);
  if (failure.code === 'INVALID_INPUT' && Object.keys(fields).length > 0) return { fields, problem: null };
  return { fields: {}, problem: problemWords(failure.code) };
}

function problemWords(code: Failure['code']): string {
  if (code === 'RATE_LIMITED' || code === 'BUSY') return m.error_rate();
  return code === 'CONNECTION_LOST' ? m.error_connection() : m.error_other();
}

/** Error texts for empty fields, by field name. */
export function missingFields(empty: readonly string[]): Record<string, string> {
  return Object.fromEntries(empty.map((field) => [field, m.issue_required()]));
}
