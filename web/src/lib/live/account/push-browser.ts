import { ifAllowed } from '../text-storage.ts';
import type { PushBrowser } from './push-choice.svelte.ts';

/**
 * The push interface of this browser; null if it has none (some browsers have one only for a site on the home screen).
 */
export function pushBrowser(): PushBrowser | null {
  if (!ifAllowed(hasPush)) return null;
  return {
    permission: () => Notification.permission,
    ask: () => Notification.requestPermission(),
    subscription: async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      return (await registration?.pushManager.getSubscription()) ?? null;
    },
    subscribe: async (key) => {
      const registration = await navigator.serviceWorker.ready;
      return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    },
  };
}

/** Asks for the objects, not for their names: a browser may have the name and refuse the object. */
function hasPush(): boolean {
  if (typeof window === 'undefined') return false;
  return Boolean(window.Notification && window.PushManager && navigator.serviceWorker);
}
