import type { KeyObject } from 'node:crypto';
import type { Now } from '#server/clock.ts';
import type { PassSubject } from '../pass-subjects.ts';
import { signedToken } from './google-keys.ts';
import type { Extent, GooglePassContext } from './google-pass.ts';
import { googleClassOf, googleObjectOf, WHOLE } from './google-pass.ts';

const SAVE_URL = 'https://pay.google.com/gp/v/save/';
/** Longer tokens are cut by browsers, says Google. */
const MOST_CHARACTERS = 1_800;

/** From all that there is to say to what the entrance needs. The event's next change brings the rest. */
const EXTENTS: readonly Extent[] = [
  WHOLE,
  { text: Infinity, isRich: false, hasTimes: true, hasNames: true },
  { text: Infinity, isRich: false, hasTimes: false, hasNames: true },
  { text: 60, isRich: false, hasTimes: false, hasNames: true },
  { text: 40, isRich: false, hasTimes: false, hasNames: true },
  { text: 40, isRich: false, hasTimes: false, hasNames: false },
  { text: 20, isRich: false, hasTimes: false, hasNames: false },
  { text: 8, isRich: false, hasTimes: false, hasNames: false },
];

interface GoogleLinkOptions {
  email: string;
  key: KeyObject;
  now: Now;
}

/** The address by which a person saves a ticket to Google Wallet: it holds the event and the ticket, signed by us. */
export function googleLinkOf(
  subject: PassSubject,
  context: GooglePassContext,
  { email, key, now }: GoogleLinkOptions,
): string {
  const tokenOf = (extent: Extent) =>
    signedToken(
      {
        iss: email,
        aud: 'google',
        typ: 'savetowallet',
        iat: Math.floor(now().getTime() / 1_000),
        origins: [],
        payload: {
          eventTicketClasses: [googleClassOf(subject.event, context, extent)],
          eventTicketObjects: [googleObjectOf(subject, context, extent)],
        },
      },
      key,
    );
  let token = '';
  for (const extent of EXTENTS) {
    token = tokenOf(extent);
    if (token.length <= MOST_CHARACTERS) break;
  }
  return SAVE_URL + token;
}
