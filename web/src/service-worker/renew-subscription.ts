import type { CurrentSession } from '#shared/account.ts';

/** The parts of a service worker that a renewal needs. */
export interface RenewalDependencies {
  pushManager: Pick<PushManager, 'subscribe'>;
  fetch: typeof globalThis.fetch;
}

/** Event data when the browser's push service replaces a subscription; some browsers leave out the new one. */
export interface SubscriptionChange {
  oldSubscription?: PushSubscription | null;
  newSubscription?: PushSubscription | null;
}

const SUBSCRIPTIONS = '/api/push/subscriptions';

/**
 * Sends this device's new push subscription to the server and deletes the old one. A signed-out visitor owns no
 * subscription: the page sends the new one after the next sign-in (lib/live/account/push-choice.svelte.ts).
 */
export async function renewSubscription(
  change: SubscriptionChange,
  { pushManager, fetch }: RenewalDependencies,
): Promise<void> {
  if (!(await isSignedIn(fetch))) return;
  const { oldSubscription: old } = change;
  const subscription = change.newSubscription ?? (await subscribe(pushManager, fetch));
  if (subscription === null) return;
  await fetch(SUBSCRIPTIONS, request('POST', subscription.toJSON()));
  if (old && old.endpoint !== subscription.endpoint)
    await fetch(SUBSCRIPTIONS, request('DELETE', { endpoint: old.endpoint }));
}

async function isSignedIn(fetch: RenewalDependencies['fetch']): Promise<boolean> {
  const response = await fetch('/api/auth/session', { credentials: 'same-origin' });
  return response.ok && ((await response.json()) as CurrentSession).user !== null;
}

async function subscribe(pushManager: RenewalDependencies['pushManager'], fetch: RenewalDependencies['fetch']) {
  const response = await fetch('/api/push/key', { credentials: 'same-origin' });
  if (!response.ok) return null;
  const { key } = (await response.json()) as { key: string };
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

function request(method: string, body: unknown): RequestInit {
  const headers = { 'content-type': 'application/json' };
  return { method, credentials: 'same-origin', headers, body: JSON.stringify(body) };
}
