import { getLocale } from '#lib/paraglide/runtime.js';
import type { FormOutcome } from '#lib/form-outcome.ts';
import type { Live } from '../live.svelte.ts';
import { CodeEntry } from './code-entry.svelte.ts';
import { requestCode } from './mailed-code.ts';

/**
 * A sign-in by code of this page, in the page's language. Its wait goes by this device's clock, so that a measurement of
 * the server's clock does not change it.
 */
export function codeEntryOf({ account, clock }: Live, sent: FormOutcome | null = null): CodeEntry {
  return new CodeEntry({
    account,
    request: (email) => requestCode(email, getLocale()),
    nowMs: () => clock.readMs() - clock.offsetMs,
    sent,
  });
}
