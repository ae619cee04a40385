import { fail, redirect } from '@sveltejs/kit';
import type { Locale } from '#shared/account.ts';
import type { CodeStep, FormOutcome } from '../form-outcome.ts';
import { codeDigits } from '../format/code-digits.ts';
import { pathAfterSignIn } from '../i18n/links.ts';
import type { Failure } from '../live/connection/connection.svelte.ts';
import { askApi, formEntries, statusOf, type FormEvent } from './page-forms.ts';

const withStep = (step: CodeStep, values: FormOutcome['values'], more: Partial<FormOutcome> = {}): FormOutcome => ({
  missing: [],
  failure: null,
  ...more,
  values,
  step,
});

/** Answers the form that asks for a mailed code: the page then asks for the code. */
export async function requestCodeForm(event: FormEvent, locale: Locale) {
  const { email = '' } = await formEntries(event);
  const values = { email };
  if (email.trim() === '') return fail(400, withStep('address', values, { missing: ['email'] }));
  const reply = await askApi(event, '/auth/code', { email, locale });
  if (!reply.ok) return fail(statusOf(reply.error), withStep('address', values, { failure: reply.error }));
  return withStep('code', values);
}

/** Answers the form with the code: the visitor is signed in and led on, or the page asks for what is wrong or missing. */
export async function enterCodeForm(event: FormEvent) {
  const { email = '', code: typed = '', name } = await formEntries(event);
  const code = codeDigits(typed);
  const fields = { email, code, ...(name !== undefined && { name }) };
  const step = name === undefined ? 'code' : 'name';
  const missing = Object.entries(fields).flatMap(([field, value]) => (value.trim() === '' ? [field] : []));
  if (missing.length > 0) return fail(400, withStep(step, fields, { missing }));
  const reply = await askApi(event, '/auth/code/verify', fields);
  if (reply.ok) redirect(303, pathAfterSignIn(event.url));
  if (step === 'code' && needsName(reply.error)) return withStep('name', fields);
  return fail(statusOf(reply.error), withStep(step, fields, { failure: reply.error }));
}

function needsName({ code, issues }: Failure): boolean {
  return code === 'INVALID_INPUT' && issues?.some(({ path }) => path[0] === 'name') === true;
}
