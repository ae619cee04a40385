import type { Failure } from '#lib/live/connection/connection.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import { formFailure } from '../account/form-failure.ts';

/** Why a passkey was not used or added, in a sentence. `cancelled`: where the visitor has ended it. */
export function passkeyWords(failure: Failure, cancelled: string): string {
  switch (failure.details?.['passkey']) {
    case undefined:
      return failure.code === 'LIMIT_EXCEEDED' ? m.passkey_limit() : (formFailure(failure).problem ?? m.error_other());
    case 'cancelled':
      return cancelled;
    case 'known':
      return m.passkey_known();
    case 'unknown':
      return m.passkey_unknown();
    case 'challenge':
      return m.passkey_again();
    default:
      return m.passkey_unusable();
  }
}
