import type { z } from 'zod';
import type { InputIssue } from './errors.ts';

/** A hostile input can break thousands of rules: the first ones are enough to find the mistake. */
const MAX_ISSUES = 20;
const MAX_MESSAGE_LENGTH = 300;

/** The broken rules of an input as the wire contract shows them: where, which rule, and a sentence for developers. */
export function inputIssues(error: z.ZodError): InputIssue[] {
  return error.issues.slice(0, MAX_ISSUES).map(({ path, code, message }) => ({
    path: path.map((step) => (typeof step === 'number' ? step : String(step))),
    code: code ?? 'custom',
    message: message.slice(0, MAX_MESSAGE_LENGTH),
  }));
}
