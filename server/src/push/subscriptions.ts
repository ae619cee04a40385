import type { Types } from 'mongoose';
import type { Identity } from '#server/accounts/sessions.ts';
import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import type { PushSubscriptionDoc } from '#server/models/accounts/push-subscription.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { PushSubscriptionInput } from '#shared/push-subscription.ts';
import { isPushEndpoint } from './endpoint.ts';

/** Subscriptions of one account; another one replaces the oldest. */
const MAX_BROWSERS = 10;

export type PushSubscriptions = ReturnType<typeof createPushSubscriptions>;

/** The browsers that get push messages. Each subscription belongs to a session and is deleted when that ends. */
export function createPushSubscriptions({ models, now }: { models: Pick<Models, 'pushSubscriptions'>; now: Now }) {
  const { pushSubscriptions } = models;

  /** Adds or replaces the subscription of a browser, which may have belonged to another account before. */
  async function save({ user, session }: Identity, input: PushSubscriptionInput): Promise<Result<null>> {
    const { endpoint, keys } = input;
    if (!isPushEndpoint(endpoint)) return endpointRefusal();
    const owner = { userId: user._id, sessionId: session._id, keys };
    const change = { $set: owner, $setOnInsert: { createdAt: now() } };
    await pushSubscriptions.updateOne({ endpoint }, change, { upsert: true });
    await deleteSurplus(user._id);
    return ok(null);
  }

  async function deleteSurplus(userId: Types.ObjectId): Promise<void> {
    const surplus = await pushSubscriptions.find({ userId }, { _id: 1 }).sort({ _id: -1 }).skip(MAX_BROWSERS).lean();
    if (surplus.length > 0) await pushSubscriptions.deleteMany({ _id: { $in: surplus.map(({ _id }) => _id) } });
  }

  /** Deletes the account's own subscription, if it exists. */
  async function forget(userId: Types.ObjectId, endpoint: string): Promise<void> {
    await pushSubscriptions.deleteOne({ userId, endpoint });
  }

  const of = (userIds: readonly Types.ObjectId[]): Promise<PushSubscriptionDoc[]> =>
    pushSubscriptions
      .find({ userId: { $in: userIds } })
      .lean<PushSubscriptionDoc[]>()
      .exec();

  /** Deletes a subscription that the push service does not know any more. */
  async function drop(_id: Types.ObjectId): Promise<void> {
    await pushSubscriptions.deleteOne({ _id });
  }

  return { save, forget, of, drop };
}

function endpointRefusal() {
  const message = 'Expected the https address of a push service';
  return refuse('INVALID_INPUT', { issues: [{ path: ['endpoint'], code: 'custom', message }] });
}
