import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AskApi } from '#shared/ask-api.ts';

/** What the API learns of the visitor. */
const VISITOR_HEADERS = ['cookie', 'accept-language', 'user-agent'] as const;

/** Asks this server's own API in the name of the visitor who sent this request; a form's origin is checked before. */
export function createAskApi(app: FastifyInstance, { headers, ip }: FastifyRequest): AskApi {
  const own = VISITOR_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
  return async (path, input) => {
    const answer = await app.inject({
      method: 'POST',
      url: `/api${path}`,
      remoteAddress: ip,
      headers: { ...Object.fromEntries(own), 'content-type': 'application/json' },
      payload: JSON.stringify(input),
    });
    return {
      status: answer.statusCode,
      body: answer.body === '' ? null : answer.json<unknown>(),
      setCookies: [answer.headers['set-cookie'] ?? []].flat(),
    };
  };
}
