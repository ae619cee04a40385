import type { z } from 'zod';
import type { InputIssue } from './errors.ts';

/** A hostile input can break thousands of rules; the first ones are enough to find a mistake. */
const MAX_ISSUES = 20;
const MAX_MESSAGE_LENGTH = 300;

type Issue = z.core.$ZodIssue;

/**
 * The `issues` of INVALID_INPUT: at most 20 broken rules, with messages of at most 300 characters. Of an input with
 * several forms those of the form that it comes closest to.
 */
export function inputIssues(error: z.ZodError): InputIssue[] {
  return error.issues
    .flatMap(issuesOfOneForm)
    .slice(0, MAX_ISSUES)
    .map(({ path, code, message }) => ({
      path: path.map((step) => (typeof step === 'number' ? step : String(step))),
      code: code ?? 'custom',
      message: message.slice(0, MAX_MESSAGE_LENGTH),
    }));
}

function issuesOfOneForm(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  return issue.errors.reduce((closest, form) => (distance(form) < distance(closest) ? form : closest));
}

/** Properties that a form does not have weigh more than any number of wrong values. */
function distance(issues: readonly Issue[]): number {
  const unknown = issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
  return unknown * (MAX_ISSUES + 1) + Math.min(issues.length, MAX_ISSUES);
}
