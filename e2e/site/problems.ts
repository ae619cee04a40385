import type { BrowserContext } from '@playwright/test';

/** What went wrong in a browser's pages: errors in the console (broken security policies among them) and exceptions. */
export interface Problems {
  all(): string[];
}

/** What Chromium itself writes when a server is away, its service worker's script included; no page can keep it from that. */
const SERVER_AWAY =
  /net::ERR_(?:CONNECTION|INTERNET|NETWORK|FAILED|EMPTY|BLOCKED|SOCKET|ABORTED)|WebSocket connection to|unknown error occurred when fetching the script/;

/** How a guest's page learns that nobody is signed in; Chromium writes a line for every answer of that kind. */
const NOBODY_SIGNED_IN = /status of 401 .*\/api\/auth\/me\)$/;

/** Watches every page of a browser from now on, but for what the test itself provokes. */
export function watchProblems(context: BrowserContext, isSteady: boolean, provoked: RegExp[]): Problems {
  const found: string[] = [];
  context.on('console', (message) => {
    if (message.type() !== 'error') return;
    const text = `${message.text()} (${message.location().url})`;
    const expected = [NOBODY_SIGNED_IN, ...provoked, ...(isSteady ? [] : [SERVER_AWAY])];
    if (!expected.some((one) => one.test(text))) found.push(text);
  });
  context.on('weberror', (error) => found.push(String(error.error().stack ?? error.error())));
  return { all: () => found };
}
