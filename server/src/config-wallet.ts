// The settings of passes for Apple Wallet and Google Wallet; used by config.ts alone.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The largest file that is read: certificates and keys have a few kilobytes. */
const MOST_CHARACTERS = 100_000;

/**
 * PEM text, or the path of a file with it. In a variable of one line `\n` stands for the end of a line, as in the key
 * file of a service account. The message names no value.
 */
const pem = (what: string, label: RegExp) =>
  z.string().transform((value, context) => {
    const wrong = (found: string) => {
      context.addIssue({
        code: 'custom',
        message: `must be ${what} as PEM text, or the path of a file with it: ${found}`,
      });
      return z.NEVER;
    };
    const isText = value.includes('-----BEGIN');
    const text = isText ? value : readOrNull(value);
    if (text === null) return wrong('no file that can be read');
    const found = label.exec(
      text
        .slice(0, MOST_CHARACTERS)
        .replaceAll(String.raw`\n`, '\n')
        .replaceAll('\r\n', '\n'),
    );
    return found ? `${found[0]}\n` : wrong(isText ? 'the text is something else' : 'the file has something else');
  });

const certificate = pem('a certificate', /-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----/);
const privateKey = pem(
  'a private key',
  /-----BEGIN ((?:RSA |ENCRYPTED )?PRIVATE KEY)-----\n(?:[\w-]+: .+\n|\n)*[^-]+-----END \1-----/,
);

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const matching = (expected: string, pattern: RegExp) =>
  z.string().refine((value) => pattern.test(value), { error: `must be ${expected}` });

export const WALLET_SETTINGS = {
  APPLE_PASS_TYPE_ID: matching(
    'a pass type identifier such as pass.org.example.tickets',
    /^pass\.[\w.-]{1,200}$/,
  ).optional(),
  APPLE_TEAM_ID: matching("a team identifier of Apple's, ten capital letters and digits", /^[A-Z\d]{10}$/).optional(),
  APPLE_PASS_CERT: certificate.optional(),
  APPLE_PASS_KEY: privateKey.optional(),
  APPLE_PASS_KEY_PASSPHRASE: z.string().optional(),
  APPLE_WWDR_CERT: certificate.optional(),
  GOOGLE_WALLET_ISSUER: matching("an issuer id of Google Wallet's, a number", /^\d{5,30}$/).optional(),
  GOOGLE_WALLET_EMAIL: matching('the mail address of a service account', /^[^\s@]{1,120}@[^\s@]{1,120}$/).optional(),
  GOOGLE_WALLET_KEY: privateKey.optional(),
};

/** Variables whose values never appear in a message; of the certificates because they are long. */
export const SECRET_WALLET_SETTINGS = [
  'APPLE_PASS_CERT',
  'APPLE_PASS_KEY',
  'APPLE_PASS_KEY_PASSPHRASE',
  'APPLE_WWDR_CERT',
  'GOOGLE_WALLET_KEY',
] as const;

const APPLE = ['APPLE_PASS_TYPE_ID', 'APPLE_TEAM_ID', 'APPLE_PASS_CERT', 'APPLE_PASS_KEY', 'APPLE_WWDR_CERT'] as const;
const GOOGLE = ['GOOGLE_WALLET_ISSUER', 'GOOGLE_WALLET_EMAIL', 'GOOGLE_WALLET_KEY'] as const;

type WalletValues = Partial<Record<keyof typeof WALLET_SETTINGS, string | undefined>>;

/** An error for each wallet with only some of its keys set: an operator who sets one key wants passes. */
export function walletConflictsOf(values: WalletValues): string[] {
  const alone = values.APPLE_PASS_KEY_PASSPHRASE !== undefined && values.APPLE_PASS_KEY === undefined;
  return [
    ...incompleteSet(APPLE, values),
    ...incompleteSet(GOOGLE, values),
    ...(alone && APPLE.every((name) => values[name] === undefined)
      ? ['APPLE_PASS_KEY must be set when APPLE_PASS_KEY_PASSPHRASE is.']
      : []),
  ];
}

function incompleteSet(names: readonly (keyof WalletValues)[], values: WalletValues): string[] {
  const missing = names.filter((name) => values[name] === undefined);
  if (missing.length === 0 || missing.length === names.length) return [];
  return [`${missing.join(' and ')} must be set as well: ${names.join(', ')} belong together, or none is set.`];
}

/** The keys of each wallet; null for one that has none, whose passes are then nowhere. */
export function toWalletConfig(values: WalletValues) {
  const { APPLE_PASS_TYPE_ID: passTypeId, APPLE_TEAM_ID: teamId, APPLE_PASS_CERT: cert } = values;
  const { APPLE_PASS_KEY: key, APPLE_PASS_KEY_PASSPHRASE: passphrase = null, APPLE_WWDR_CERT: wwdr } = values;
  const { GOOGLE_WALLET_ISSUER: issuer, GOOGLE_WALLET_EMAIL: email, GOOGLE_WALLET_KEY: googleKey } = values;
  return {
    apple: passTypeId && teamId && cert && key && wwdr ? { passTypeId, teamId, cert, key, passphrase, wwdr } : null,
    google: issuer && email && googleKey ? { issuer, email, key: googleKey } : null,
  };
}
