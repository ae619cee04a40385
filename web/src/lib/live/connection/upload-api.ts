import type { Failure, Reply } from './connection.svelte.ts';

interface ApiUpload {
  method: 'PUT' | 'DELETE';
  path: string;
  body?: Blob;
  /** Called with the share of the body that was sent, 0 to 1. */
  onprogress?: (share: number) => void;
}

/**
 * Sends a file to our HTTP API with this browser's session, by the one interface of browsers that says how far it is.
 * Resolves like `callApi`. Never rejects.
 */
export function uploadApi<T>({ method, path, body, onprogress }: ApiUpload): Promise<Reply<T>> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => onprogress?.(total > 0 ? loaded / total : 0);
    request.onloadend = () => resolve(replyOf<T>(request));
    request.send(body ?? null);
  });
}

/** An answer that is not ours (an empty one, or a proxy's page) is as good as none. */
function replyOf<T>({ status, response }: XMLHttpRequest): Reply<T> {
  const answer = response as { error?: Failure } | null;
  if (status >= 200 && status < 300 && answer) return { ok: true, data: answer as T };
  return { ok: false, error: answer?.error ?? { code: 'CONNECTION_LOST', message: `Status ${status}` } };
}
