import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { PassSubject } from '../pass-subjects.ts';
import type { StoredPasses } from '../stored-passes.ts';
import type { GoogleApiOptions } from './google-api.ts';
import { createGoogleApi } from './google-api.ts';
import type { GoogleWalletConfig } from './google-keys.ts';
import { googleKeyOf } from './google-keys.ts';
import { googleLinkOf } from './google-link.ts';
import { googleClassPatch, googleObjectPatch } from './google-pass.ts';

interface GoogleWalletOptions {
  config: GoogleWalletConfig;
  siteName: string;
  origin: () => string;
  stored: Pick<StoredPasses, 'noteLink'>;
  now: Now;
  test?: GoogleApiOptions['test'];
}

export type GoogleWallet = ReturnType<typeof createGoogleWallet>;

/** Passes for Google Wallet. */
export function createGoogleWallet({ config, siteName, origin, stored, now, test }: GoogleWalletOptions) {
  const { email, issuer } = config;
  const key = googleKeyOf(config);
  const api = createGoogleApi({ email, key, now, test });
  const context = () => ({ issuer, siteName, origin: origin() });

  return {
    /** The address that saves a ticket; null for one that is not valid. */
    async linkOf(subject: PassSubject): Promise<string | null> {
      if (subject.ticket === null) return null;
      await stored.noteLink(subject);
      return googleLinkOf(subject, context(), { email, key, now });
    },
    async updateEvent(event: EventDoc, signal: AbortSignal): Promise<void> {
      await api.patch('eventTicketClass', googleClassPatch(event, context()), signal);
    },
    async updateTicket(subject: PassSubject, signal: AbortSignal): Promise<void> {
      await api.patch('eventTicketObject', googleObjectPatch(subject, context()), signal);
    },
  };
}
