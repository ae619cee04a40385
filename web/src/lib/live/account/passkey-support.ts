import type { TextStorage } from '../text-storage.ts';

interface PasskeyBrowser {
  isSecureContext: boolean;
  PublicKeyCredential?: unknown;
  location: { hostname: string };
}

/** Whether the browser has passkeys for this page: not for pages at an IP address, and not over plain http. */
export function hasPasskeys({ isSecureContext, PublicKeyCredential, location }: PasskeyBrowser): boolean {
  return isSecureContext && PublicKeyCredential !== undefined && !/^[\d.]+$|:/.test(location.hostname);
}

const ANSWERED_KEY = 'frontrow.passkey-offer';

/** Whether a passkey was offered on this device after a booking, and the visitor has answered. */
export const passkeyOffer = {
  isAnswered: (storage: TextStorage): boolean => storage.getItem(ANSWERED_KEY) !== null,
  answer: (storage: TextStorage): void => storage.setItem(ANSWERED_KEY, 'answered'),
};
