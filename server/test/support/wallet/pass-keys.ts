import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

export const PASS_TYPE_ID = 'pass.org.example.tickets';
export const TEAM_ID = 'A1B2C3D4E5';
export const SERVICE_ACCOUNT = 'tickets@project.iam.gserviceaccount.com';

const DAY_MS = 86_400_000;
/** User id (RFC 4519), where Apple writes the pass type. */
const USER_ID = '0.9.2342.19200300.100.1.1';

interface Pair {
  cert: string;
  key: string;
}

interface CertificateOptions {
  subject: forge.pki.CertificateField[];
  /** By itself if absent. */
  by?: Pair;
  extensions?: object[];
  days?: number;
}

function newKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
}

let serial = 0;

/** A certificate with a new key, valid since yesterday. */
function certificate({ subject, by, extensions = [], days = 365 }: CertificateOptions): Pair {
  const key = newKey();
  const own = forge.pki.privateKeyFromPem(key) as forge.pki.rsa.PrivateKey;
  const made = forge.pki.createCertificate();
  made.publicKey = forge.pki.setRsaPublicKey(own.n, own.e);
  made.serialNumber = (serial += 1).toString(16).padStart(4, '0');
  made.validity.notBefore = new Date(Date.now() - DAY_MS);
  made.validity.notAfter = new Date(Date.now() + days * DAY_MS);
  made.setSubject(subject);
  made.setIssuer(by ? forge.pki.certificateFromPem(by.cert).subject.attributes : subject);
  made.setExtensions(extensions);
  made.sign(by ? (forge.pki.privateKeyFromPem(by.key) as forge.pki.rsa.PrivateKey) : own, forge.md.sha256.create());
  return { key, cert: forge.pki.certificateToPem(made).replaceAll('\r\n', '\n') };
}

/** In place of Apple's certificate authority; it also issues the certificate of its push service. */
const authority = certificate({
  subject: [{ name: 'commonName', value: 'Test WWDR' }],
  extensions: [{ name: 'basicConstraints', cA: true }],
});

/** The certificate of a server at 127.0.0.1. */
export function serverCertificate(): Pair & { ca: string } {
  const pair = certificate({
    subject: [{ name: 'commonName', value: '127.0.0.1' }],
    by: authority,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { ...pair, ca: authority.cert };
}

/** Certificate and key of a pass type. */
export function passPair({ passTypeId = PASS_TYPE_ID, teamId = TEAM_ID, days = 365 } = {}): Pair {
  const subject = [
    { type: USER_ID, value: passTypeId },
    { name: 'commonName', value: `Pass Type ID: ${passTypeId}` },
    { shortName: 'OU', value: teamId },
  ];
  return certificate({ subject, by: authority, days });
}

let known: Pair | undefined;

/** The settings of Apple Wallet; the same in every call of a process. */
export function appleSettings() {
  const { cert, key } = (known ??= passPair());
  return {
    APPLE_PASS_TYPE_ID: PASS_TYPE_ID,
    APPLE_TEAM_ID: TEAM_ID,
    APPLE_PASS_CERT: cert,
    APPLE_PASS_KEY: key,
    APPLE_WWDR_CERT: authority.cert,
  };
}

let googleKey: string | undefined;

/** The settings of Google Wallet; the same in every call of a process. */
export function googleSettings() {
  return {
    GOOGLE_WALLET_ISSUER: '3388000000012345678',
    GOOGLE_WALLET_EMAIL: SERVICE_ACCOUNT,
    GOOGLE_WALLET_KEY: (googleKey ??= newKey()),
  };
}
