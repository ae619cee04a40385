import type { Failure, Reply } from './connection.svelte.ts';

/**
 * Sends a request to our HTTP API with this browser's session. Resolves with the body as `data`, with the refusal in
 * the body, or with `CONNECTION_LOST` without a readable answer. Never rejects.
 */
export async function callApi<T>(
  fetch: typeof globalThis.fetch,
  method: string,
  path: string,
  input?: unknown,
  signal?: AbortSignal,
): Promise<Reply<T>> {
  try {
    const response = await fetch(path, {
      method,
      credentials: 'same-origin',
      ...(signal !== undefined && { signal }),
      ...(input !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) }),
    });
    return await readReply<T>(response);
  } catch (cause) {
    return { ok: false, error: { code: 'CONNECTION_LOST', message: String(cause) } };
  }
}

async function readReply<T>(response: Response): Promise<Reply<T>> {
  const body = response.status === 204 ? null : ((await response.json()) as unknown);
  if (response.ok) return { ok: true, data: body as T };
  return { ok: false, error: (body as { error: Failure }).error };
}
