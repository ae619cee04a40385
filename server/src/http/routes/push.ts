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

/** Messages with the tab closed: what a browser needs to ask for them, and its asking and leaving. */
export function mountPush(api: FastifyInstance, { vapid, subscriptions, identify }: PushRoutes): void {
  api.get(
    '/push/key',
    requireSession(identify, async (_who, _request, reply) => reply.send({ key: vapid.publicKey })),
  );
  api.post(
    '/push/subscriptions',
    requireSession(identify, async (who, request, reply) => {
      const input = parseInput(pushSubscriptionInput, request.body);
      if (!input.ok) return answerRefusal(reply, input.error);
      return answer(reply, await subscriptions.save(who, input.data), 204);
    }),
  );
  api.delete(
    '/push/subscriptions',
    requireSession(identify, async (who, request, reply) => {
      const input = parseInput(pushUnsubscribeInput, request.body);
      if (!input.ok) return answerRefusal(reply, input.error);
      await subscriptions.forget(who.user._id, input.data.endpoint);
      return reply.status(204).send();
    }),
  );
}
