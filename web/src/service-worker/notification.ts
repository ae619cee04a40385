import { ownPath } from '#shared/own-path.ts';
import type { PushMessage } from '#shared/push-subscription.ts';

/** Arguments of `showNotification`. */
export interface ShownNotification {
  title: string;
  options: {
    body: string;
    tag: string;
    lang: string;
    dir: 'auto';
    icon: string;
    requireInteraction: boolean;
    data: { path: string };
  };
}

/** The notification for a push message; null if the message is not one of ours or has expired. */
export function toNotification(message: unknown, nowMs: number): ShownNotification | null {
  if (!isPushMessage(message) || Date.parse(message.expiresAt) <= nowMs) return null;
  const { title, body, url, tag, lang } = message;
  return {
    title,
    // An offer ends soon, so its notification stays until the user acts on it.
    options: {
      body,
      tag,
      lang,
      dir: 'auto',
      icon: '/icon-192.png',
      requireInteraction: true,
      data: { path: ownPath(url) ?? '/' },
    },
  };
}

function isPushMessage(message: unknown): message is PushMessage {
  if (typeof message !== 'object' || message === null) return false;
  const { title, body, url, tag, lang, expiresAt } = message as Record<string, unknown>;
  return [title, body, url, tag, lang, expiresAt].every((part) => typeof part === 'string');
}
