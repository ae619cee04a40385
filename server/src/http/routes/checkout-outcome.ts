import type { FastifyInstance } from 'fastify';
import type { ReturnPage } from '#server/payments/return-page.ts';
import { checkoutOutcomeInput } from '#shared/checkout.ts';
import { answer, answerRefusal, parseInput } from '../answer.ts';

/** `GET /api/checkouts/outcome`: the outcome for the return page. Needs no session, only the signed token. */
export function mountCheckoutOutcome(api: FastifyInstance, returnPage: ReturnPage): void {
  api.get('/checkouts/outcome', async (request, reply) => {
    const input = parseInput(checkoutOutcomeInput, request.query);
    return input.ok ? answer(reply, await returnPage.outcomeOf(input.data.token)) : answerRefusal(reply, input.error);
  });
}
