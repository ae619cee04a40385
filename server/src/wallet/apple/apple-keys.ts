import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { Config } from '#server/config.ts';

export type AppleWalletConfig = NonNullable<Config['wallet']['apple']>;

/** Certificate and private key of a pass type, and the certificate between it and Apple's root, as PEM text. */
export interface PassKeys {
  cert: string;
  /** Without a passphrase. */
  key: string;
  wwdr: string;
}

/** Opens the private key. Throws for a key that cannot be read. */
export function passKeysOf({ cert, key, passphrase, wwdr }: AppleWalletConfig): PassKeys {
  const opened = openKey(key, passphrase);
  return { cert, wwdr, key: String(opened.export({ type: 'pkcs1', format: 'pem' })) };
}

function openKey(key: string, passphrase: string | null): KeyObject {
  return createPrivateKey({ key, ...(passphrase !== null && { passphrase }) });
}

/** What the keys of a pass type are like: `faults` keep Apple from taking passes; null: the end is not known. */
interface AppleExamination {
  faults: string[];
  /** When the first of both certificates expires. */
  expiresAt: Date | null;
}

/** Examines the keys without a network. */
export function examineAppleKeys(config: AppleWalletConfig, now: Date): AppleExamination {
  const cert = readCertificate(config.cert);
  const wwdr = readCertificate(config.wwdr);
  const faults = [
    ...(cert ? [] : ['APPLE_PASS_CERT cannot be read']),
    ...(wwdr ? [] : ['APPLE_WWDR_CERT cannot be read']),
    ...keyFaults(config, cert),
    ...(cert ? subjectFaults(config, cert) : []),
    ...(cert && wwdr && !cert.checkIssued(wwdr) ? ['APPLE_WWDR_CERT is not what APPLE_PASS_CERT was issued by'] : []),
    ...[cert, wwdr].flatMap((one, index) =>
      one && endOf(one) <= now ? [`${index === 0 ? 'APPLE_PASS_CERT' : 'APPLE_WWDR_CERT'} has expired`] : [],
    ),
  ];
  const ends = [cert, wwdr].flatMap((one) => (one ? [endOf(one).getTime()] : []));
  return { faults, expiresAt: ends.length > 0 ? new Date(Math.min(...ends)) : null };
}

function keyFaults({ key, passphrase }: AppleWalletConfig, cert: X509Certificate | null): string[] {
  try {
    const opened = openKey(key, passphrase);
    if (opened.asymmetricKeyType !== 'rsa') return ['APPLE_PASS_KEY is no RSA key'];
    return cert === null || cert.checkPrivateKey(opened) ? [] : ['APPLE_PASS_KEY does not belong to APPLE_PASS_CERT'];
  } catch {
    return [
      passphrase === null
        ? 'APPLE_PASS_KEY cannot be read, or needs APPLE_PASS_KEY_PASSPHRASE'
        : 'APPLE_PASS_KEY cannot be read with APPLE_PASS_KEY_PASSPHRASE',
    ];
  }
}

/** Apple writes the pass type as the user id, and the team as the organisational unit. */
function subjectFaults({ passTypeId, teamId }: AppleWalletConfig, { subject }: X509Certificate): string[] {
  const values = (name: string) =>
    subject.split('\n').flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []));
  return [
    ...(values('UID').includes(passTypeId) ? [] : ['APPLE_PASS_CERT is for another APPLE_PASS_TYPE_ID']),
    ...(values('OU').includes(teamId) ? [] : ['APPLE_PASS_CERT is for another APPLE_TEAM_ID']),
  ];
}

function readCertificate(text: string): X509Certificate | null {
  try {
    const read = new X509Certificate(text);
    createPublicKey(text);
    return read;
  } catch {
    return null;
  }
}

function endOf({ validTo }: X509Certificate): Date {
  return new Date(validTo);
}
