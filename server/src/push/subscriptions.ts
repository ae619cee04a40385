import type { Types } from 'mongoose';
import type { Identity } from '#server/accounts/sessions.ts';
import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import type { PushSubscriptionDoc } from '#server/models/accounts/push-subscription.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { PushSubscriptionInput } from '#shared/push-subscription.ts';
import { isPushEndpoint } from './endpoint.ts';

/** Browsers of one person; with one more the oldest is forgotten. */
const MOST_BROWSERS = 10;

export type PushSubscriptions = ReturnType<typeof createPushSubscriptions>;

/** Which browsers want messages. Each belongs to the session that asked, and is forgotten when that is ended. */
export function createPushSubscriptions({ models, now }: { models: Pick<Models, 'pushSubscriptions'>; now: Now }) {
  const { pushSubscriptions } = models;

  /** The same browser again, also for somebody else who has signed in on it, takes the place of what it was. */
  async function save({ user, session }: Identity, input: PushSubscriptionInput): Promise<Result<null>> {
    const { endpoint, keys } = input;
    if (!isPushEndpoint(endpoint)) return notAnEndpoint();
    const owner = { userId: user._id, sessionId: session._id, keys };
    const change = { $set: owner, $setOnInsert: { createdAt: now() } };
    await pushSubscriptions.updateOne({ endpoint }, change, { upsert: true });
    await forgetOldest(user._id);
    return ok(null);
  }

  async function forgetOldest(userId: Types.ObjectId): Promise<void> {
    const surplus = await pushSubscriptions.find({ userId }, { _id: 1 }).sort({ _id: -1 }).skip(MOST_BROWSERS).lean();
    if (surplus.length > 0) await pushSubscriptions.deleteMany({ _id: { $in: surplus.map(({ _id }) => _id) } });
  }

  /** One's own only; that there is none any more is fine. */
  async function forget(userId: Types.ObjectId, endpoint: string): Promise<void> {
    await pushSubscriptions.deleteOne({ userId, endpoint });
  }

  const of = (userIds: readonly Types.ObjectId[]): Promise<PushSubscriptionDoc[]> =>
    pushSubscriptions
      .find({ userId: { $in: userIds } })
      .lean<PushSubscriptionDoc[]>()
      .exec();

  /** The push service says that the browser is gone. */
  async function drop(_id: Types.ObjectId): Promise<void> {
    await pushSubscriptions.deleteOne({ _id });
  }

  return { save, forget, of, drop };
}

function notAnEndpoint() {
  const message = 'Expected the https address of a push service';
  return refuse('INVALID_INPUT', { issues: [{ path: ['endpoint'], code: 'custom', message }] });
}
