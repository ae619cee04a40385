import type { CurrentSession } from '#shared/account.ts';

/** What of a service worker is needed to be told of offers again. */
export interface Renewing {
  pushManager: Pick<PushManager, 'subscribe'>;
  fetch: typeof globalThis.fetch;
}

/** What a browser says when its message service gives it another address; some give the new one, some ask for it. */
export interface SubscriptionChange {
  oldSubscription?: PushSubscription | null;
  newSubscription?: PushSubscription | null;
}

const SUBSCRIPTIONS = '/api/push/subscriptions';

/**
 * Sends the server this device's new address and withdraws the old one. A guest owns no subscription: then the page
 * sends the address when its owner is back (lib/live/push-choice.svelte.ts).
 */
export async function renew(change: SubscriptionChange, { pushManager, fetch }: Renewing): Promise<void> {
  if (!(await isSignedIn(fetch))) return;
  const { oldSubscription: old } = change;
  const subscription = change.newSubscription ?? (await subscribe(pushManager, fetch));
  if (subscription === null) return;
  await fetch(SUBSCRIPTIONS, request('POST', subscription.toJSON()));
  if (old && old.endpoint !== subscription.endpoint)
    await fetch(SUBSCRIPTIONS, request('DELETE', { endpoint: old.endpoint }));
}

async function isSignedIn(fetch: Renewing['fetch']): Promise<boolean> {
  const response = await fetch('/api/auth/session', { credentials: 'same-origin' });
  return response.ok && ((await response.json()) as CurrentSession).user !== null;
}

async function subscribe(pushManager: Renewing['pushManager'], fetch: Renewing['fetch']) {
  const response = await fetch('/api/push/key', { credentials: 'same-origin' });
  if (!response.ok) return null;
  const { key } = (await response.json()) as { key: string };
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

function request(method: string, body: unknown): RequestInit {
  const headers = { 'content-type': 'application/json' };
  return { method, credentials: 'same-origin', headers, body: JSON.stringify(body) };
}
