import type { PushBrowser } from './push-choice.svelte.ts';

/**
 * The push interface of this browser; null if it has none (some browsers have one only for a site on the home screen).
 */
export function pushBrowser(): PushBrowser | null {
  const isPossible =
    typeof window !== 'undefined' &&
    'Notification' in window &&
    'PushManager' in window &&
    'serviceWorker' in navigator;
  if (!isPossible) return null;
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
