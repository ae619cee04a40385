import type { PushMessage } from '#shared/push-subscription.ts';

export interface Notice {
  title: string;
  options: {
    body: string;
    tag: string;
    lang: string;
    icon: string;
    requireInteraction: boolean;
    data: { path: string };
  };
}

/** What to show of a push, or null where it is none of ours or means nothing any more. */
export function toNotice(message: unknown, nowMs: number): Notice | null {
  if (!isPushMessage(message) || Date.parse(message.expiresAt) <= nowMs) return null;
  const { title, body, url, tag, lang } = message;
  return {
    title,
    // An offer has an end: it stays in view until its reader has seen it.
    options: { body, tag, lang, icon: '/icon-192.png', requireInteraction: true, data: { path: ownPath(url) } },
  };
}

/** Only pages of this site are opened, whatever a push says. */
export function ownPath(url: unknown): string {
  return typeof url === 'string' && /^\/(?![/\\])/.test(url) ? url : '/';
}

function isPushMessage(message: unknown): message is PushMessage {
  if (typeof message !== 'object' || message === null) return false;
  const { title, body, url, tag, lang, expiresAt } = message as Record<string, unknown>;
  return [title, body, url, tag, lang, expiresAt].every((part) => typeof part === 'string');
}
