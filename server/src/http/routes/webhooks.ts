import type { FastifyInstance } from 'fastify';
import type { Webhooks } from '#server/payments/webhooks.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal, parseInput, answer } from '../answer.ts';
import type { ReturnPage } from '#server/payments/return-page.ts';
import { checkoutOutcomeInput } from '#shared/checkout.ts';

/**
 * `POST /api/webhooks/:provider`, on the bytes as they came: a signature is over them. 200 once the effect is committed
 * (also where there is none, or was before), 400 for what the provider has not signed; else it is sent again.
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

/** `GET /api/checkouts/outcome`: works in any browser, for whoever holds the signed address. */
export function mountCheckoutOutcome(api: FastifyInstance, returnPage: ReturnPage): void {
  api.get('/checkouts/outcome', async (request, reply) => {
    const input = parseInput(checkoutOutcomeInput, request.query);
    return input.ok ? answer(reply, await returnPage.outcomeOf(input.data.token)) : answerRefusal(reply, input.error);
  });
}
