import { sleepOrAbort } from '#lib/live/connection/sleep-or-abort.ts';
import { tolerantStorage } from '#lib/live/text-storage.ts';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 8_000;
/** A page that lacks a part again, so soon after it was loaded for it, is not loaded once more. */
const LOADED_ONCE_MS = 30_000;
const LOADED_AT = 'frontrow.loaded-for-part';

/**
 * Imports code that a press needs. If the import fails because the network is away, waits until the server answers, then
 * reloads the page: a browser fetches a module once per page, so a second import would fail as well. Chosen seats and
 * holds are shown again after the reload.
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    console.info('A part of this page did not come. The page is loaded again once the server answers.', cause);
    await untilServerAnswers();
    if (notesLoad()) location.reload();
    return new Promise(() => undefined);
  }
}

/** Notes in this tab that the page is loaded for a part. False if it just was, or if the note is not kept. */
function notesLoad(): boolean {
  const storage = tolerantStorage(() => sessionStorage);
  if (Date.now() - Number(storage.getItem(LOADED_AT)) < LOADED_ONCE_MS) return false;
  const now = String(Date.now());
  storage.setItem(LOADED_AT, now);
  return storage.getItem(LOADED_AT) === now;
}

async function untilServerAnswers(): Promise<void> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
    const answer = await fetch('/_app/version.json', { method: 'HEAD', cache: 'no-store' }).catch(() => null);
    if (answer?.ok === true) return;
    await untilOnline(delayMs);
  }
}

/** Resolves when the browser has a network again, or after `ms`: a browser may not notice that it has one. */
async function untilOnline(ms: number): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  window.addEventListener('online', () => waiting.abort(), { signal });
  await sleepOrAbort(ms, signal);
  waiting.abort();
}
