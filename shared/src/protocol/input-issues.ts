import type { z } from 'zod';
import type { InputIssue } from './errors.ts';

/** A hostile input can break thousands of rules; the first ones are enough to find a mistake. */
const MAX_ISSUES = 20;
const MAX_MESSAGE_LENGTH = 300;

/** The `issues` of INVALID_INPUT: at most 20 broken rules, with messages of at most 300 characters. */
export function inputIssues(error: z.ZodError): InputIssue[] {
  return error.issues.slice(0, MAX_ISSUES).map(({ path, code, message }) => ({
    path: path.map((step) => (typeof step === 'number' ? step : String(step))),
    code: code ?? 'custom',
    message: message.slice(0, MAX_MESSAGE_LENGTH),
  }));
}
