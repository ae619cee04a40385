import type { FastifyInstance } from 'fastify';
import type { Webhooks } from '#server/payments/webhooks.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from '../answer.ts';

/**
 * `POST /api/webhooks/:provider`. Reads the raw bytes, which the signature covers. Answers 200 once the effect is
 * committed (also for an event without effect or already handled) and 400 for a wrong signature; after any other status
 * the provider sends the event again.
 */
export function mountWebhooks(api: FastifyInstance, webhooks: Pick<Webhooks, 'receive'>): void {
  void api.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post<{ Params: { provider: string } }>('/webhooks/:provider', async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const result = await webhooks.receive(request.params.provider, body, request.headers);
      if (result === null) return answerRefusal(reply, refuse('NOT_FOUND').error);
      const message = 'The signature is wrong or too old.';
      if (result === 'forged') return answerRefusal(reply, refuse('INVALID_INPUT', { message }).error);
      return reply.send({ received: result });
    });
  });
}
