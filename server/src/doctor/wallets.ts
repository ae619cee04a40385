import type { Config } from '#server/config.ts';
import { examineAppleKeys } from '#server/wallet/apple/apple-keys.ts';
import { googleKeyFault } from '#server/wallet/google/google-keys.ts';
import type { Finding } from './finding.ts';
import { good, look, wrong } from './finding.ts';

const DAY_MS = 86_400_000;
/** Apple issues certificates for a year; a new one takes minutes, but someone has to think of it. */
const SOON_DAYS = 30;

type WalletsConfig = Pick<Config, 'wallet' | 'publicUrl'>;

/** The keys of passes for wallets, as far as they say it themselves: Apple and Google are not asked. */
export function judgeWallets(config: WalletsConfig, now: Date): Finding[] {
  const { apple, google } = config.wallet;
  if (!apple && !google) return [good('wallets', 'no keys, so tickets are not offered for wallets')];
  return [...(apple ? judgeApple(config, apple, now) : []), ...(google ? [judgeGoogle(google)] : [])];
}

function judgeApple({ publicUrl }: WalletsConfig, apple: NonNullable<Config['wallet']['apple']>, now: Date): Finding[] {
  const check = 'Apple Wallet';
  const { faults, expiresAt } = examineAppleKeys(apple, now);
  const advice = 'Create certificate and key anew at developer.apple.com; devices refuse passes that these sign.';
  if (faults.length > 0) return faults.map((fault) => wrong(check, fault, advice));
  const until = expiresAt?.toISOString().slice(0, 10) ?? '';
  const isOverSoon = expiresAt !== null && expiresAt.getTime() - now.getTime() < SOON_DAYS * DAY_MS;
  return [
    isOverSoon
      ? look(check, `the certificate expires on ${until}`, 'Renew it, and restart the server with the new one.')
      : good(check, `certificate and key fit, until ${until}`),
    ...(publicUrl?.startsWith('https:') ? [] : [look(check, 'PUBLIC_URL is not https', NOT_UPDATED)]),
  ];
}

const NOT_UPDATED = 'Set PUBLIC_URL to an https address: devices ask only there whether a pass has changed.';

function judgeGoogle(google: NonNullable<Config['wallet']['google']>): Finding {
  const check = 'Google Wallet';
  const fault = googleKeyFault(google);
  if (fault !== null) return wrong(check, fault, 'Create a key for the service account anew, and set it.');
  return good(check, 'the key can be read; Google is not asked');
}
