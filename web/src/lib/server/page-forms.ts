import { createHash } from 'node:crypto';
import { fail, type ActionFailure } from '@sveltejs/kit';
import type { ApiAnswer } from '#shared/ask-api.ts';
import { ERROR_STATUS } from '#shared/protocol/errors.ts';
import type { FormOutcome } from '../form-outcome.ts';
import type { Failure, Reply } from '../live/connection/connection.svelte.ts';

/** The part of SvelteKit's event that a form's answer needs. */
export interface FormEvent {
  request: Request;
  url: URL;
  locals: App.Locals;
  platform?: Readonly<App.Platform> | undefined;
}

/** Fields that a page never shows again. */
const SECRETS = ['password', 'next'];

/** The fields of a form that a page may show again, and what it shows if the form failed; null if the API took it. */
interface SentForm {
  values: Record<string, string>;
  failure: ActionFailure<FormOutcome> | null;
}

/** Sends a form's fields on to the API in the visitor's name. */
export async function sendForm(
  event: FormEvent,
  path: string,
  names: readonly string[],
  more: Record<string, unknown> = {},
): Promise<SentForm> {
  const fields = await formTexts(event, names);
  const values = Object.fromEntries(Object.entries(fields).filter(([name]) => !SECRETS.includes(name)));
  const missing = names.filter((name) => fields[name]?.trim() === '');
  if (missing.length > 0) return { values, failure: fail(400, { values, missing, failure: null }) };
  const reply = await askApi(event, path, { ...fields, ...more });
  if (reply.ok) return { values, failure: null };
  return { values, failure: fail(statusOf(reply.error), { values, missing, failure: reply.error }) };
}

/** The texts of a form's fields; "" for an absent one. Reads the request, so it is called once. */
async function formTexts(event: FormEvent, names: readonly string[]): Promise<Record<string, string>> {
  const entries = await formEntries(event);
  return Object.fromEntries(names.map((name) => [name, entries[name] ?? '']));
}

/** The texts of all fields that a form has. Reads the request, so it is called once. */
export async function formEntries({ request }: FormEvent): Promise<Partial<Record<string, string>>> {
  const entries = [...(await request.formData())].filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(entries) as Partial<Record<string, string>>;
}

/** Asks the API in the visitor's name. The cookies of the answer go to the visitor's browser (hooks.server.ts). */
export async function askApi<T>(event: FormEvent, path: string, input: unknown): Promise<Reply<T>> {
  const ask = event.platform?.req.askApi ?? ((to, what) => askByNetwork(event, to, what));
  const { status, body, setCookies } = await ask(path, input);
  event.locals.setCookies = setCookies;
  if (status < 400) return { ok: true, data: body as T };
  return { ok: false, error: (body as { error: Failure }).error };
}

/** In development the pages have a server of their own, which passes requests for the API on. */
async function askByNetwork({ request, url }: FormEvent, path: string, input: unknown): Promise<ApiAnswer> {
  const answer = await fetch(`${url.origin}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: request.headers.get('cookie') ?? '' },
    body: JSON.stringify(input),
  });
  const body = answer.status === 204 ? null : ((await answer.json()) as unknown);
  return { status: answer.status, body, setCookies: answer.headers.getSetCookie() };
}

/** The HTTP status of a page that shows this failure. */
export function statusOf({ code }: Failure): number {
  return code === 'CONNECTION_LOST' ? 503 : ERROR_STATUS[code];
}

/** A request id (UUID) made of `parts`: a form sent twice with the same parts asks for one thing. */
export function requestIdOf(parts: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
