import type { FastifyInstance } from 'fastify';
import type { Vapid } from '#server/accounts/keys.ts';
import type { PushSubscriptions } from '#server/push/subscriptions.ts';
import { pushUnsubscribeInput, pushSubscriptionInput } from '#shared/push-subscription.ts';
import { answer, answerRefusal, parseInput } from '../answer.ts';
import type { Identify } from '../identity.ts';
import { requireSession } from '../identity.ts';

export interface PushRoutes {
  vapid: Pick<Vapid, 'publicKey'>;
  subscriptions: PushSubscriptions;
  identify: Identify;
}

/** Push subscriptions: the VAPID public key, subscribing and unsubscribing. */
export function mountPush(api: FastifyInstance, { vapid, subscriptions, identify }: PushRoutes): void {
  api.get(
    '/push/key',
    requireSession(identify, async (_identity, _request, reply) => reply.send({ key: vapid.publicKey })),
  );
  api.post(
    '/push/subscriptions',
    requireSession(identify, async (identity, request, reply) => {
      const input = parseInput(pushSubscriptionInput, request.body);
      if (!input.ok) return answerRefusal(reply, input.error);
      return answer(reply, await subscriptions.save(identity, input.data), 204);
    }),
  );
  api.delete(
    '/push/subscriptions',
    requireSession(identify, async (identity, request, reply) => {
      const input = parseInput(pushUnsubscribeInput, request.body);
      if (!input.ok) return answerRefusal(reply, input.error);
      await subscriptions.forget(identity.user._id, input.data.endpoint);
      return reply.status(204).send();
    }),
  );
}
