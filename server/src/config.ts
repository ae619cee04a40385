import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseDotenv } from 'dotenv';
import { z } from 'zod';
import { canonicalEmail } from '#shared/text/email.ts';
import { isNewPassword } from '#shared/text/password.ts';
import {
  isMailSender,
  isMongoUri,
  isNetwork,
  isOneLine,
  isOrigin,
  isReceiptPrefix,
  isShare,
  isSigningSecret,
  isSmtpUrl,
  isStripeKey,
  sellerConflictsOf,
  stripeConflictsOf,
  toReceiptSettings,
  toStripe,
  webUrl,
} from './config-values.ts';
import { SECRET_WALLET_SETTINGS, toWalletConfig, WALLET_SETTINGS, walletConflictsOf } from './config-wallet.ts';

/** Environment variables: process.env, or a plain object in tests. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Wrong settings, which prevent the start. The message has one sentence per wrong variable and contains no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const text = (expected: string, test: (value: string) => boolean) =>
  z.string().refine(test, { error: `must be ${expected}` });

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be one of: ${values.join(', ')}` });

const list = (expected: string, test: (item: string) => boolean) =>
  z
    .string()
    .transform((value) => value.split(/[\s,]+/).filter((item) => item !== ''))
    .refine((items) => items.every(test), { error: `must be ${expected}, separated by commas` });

const wholeNumber = (minimum: number, maximum: number) =>
  text(
    `a whole number from ${minimum} to ${maximum}`,
    (value) => /^\d{1,6}$/.test(value) && Number(value) >= minimum && Number(value) <= maximum,
  ).transform(Number);

const oneLine = (longest: number) => text(`one line of at most ${longest} characters`, isOneLine(longest));

const email = text('an e-mail address such as box@example.org', (value) => canonicalEmail(value) !== null);
const pageUrl = text('an address that starts with http:// or https://', (value) => webUrl(value) !== null);
const ORIGIN = 'an origin such as https://tickets.example.org, without a path';
const origin = text(ORIGIN, isOrigin).transform((value) => new URL(value).origin);

/** A hundred years. */
const MOST_DAYS = 36_500;

/** Every setting by the name of its variable. `.env.example` documents each of them (a test compares the two). */
const SETTINGS = z.object({
  PORT: wholeNumber(0, 65_535).optional(),
  HOST: text('an address or host name without a port', (value) => /^[\w.:-]+$/.test(value)).default('127.0.0.1'),
  MONGO_URI: text('a connection string that starts with mongodb:// or mongodb+srv://', isMongoUri).optional(),
  MONGO_ADMIN_URI: text('a connection string that starts with mongodb://', isMongoUri).optional(),
  MONGOMS_SYSTEM_BINARY: z.string().optional(),
  DATA_DIR: z.string().default('data'),
  JWT_SECRET: text('at least 32 characters long', (value) => value.length >= 32).optional(),
  ADMIN_EMAIL: email.transform((value) => canonicalEmail(value) ?? value).optional(),
  ADMIN_PASSWORD: text('8 to 128 characters long', isNewPassword).optional(),
  DEMO_DATA: oneOf(['auto', 'on', 'off']).optional(),
  PUBLIC_URL: origin.optional(),
  CORS_ORIGINS: list('origins such as https://shop.example.org', isOrigin)
    .transform((items) => items.map((item) => new URL(item).origin))
    .default([]),
  PAYMENTS: oneOf(['demo', 'stripe']).optional(),
  STRIPE_SECRET_KEY: text("a secret key of Stripe's, which starts with sk_ or rk_", isStripeKey).optional(),
  STRIPE_WEBHOOK_SECRET: text(
    "the signing secret of a webhook of Stripe's, such as whsec_…",
    isSigningSecret,
  ).optional(),
  STRIPE_API_BASE: origin.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: pageUrl.optional(),
  OTEL_TRACES_SAMPLER_ARG: text('a number from 0 to 1', isShare).transform(Number).default(1),
  METRICS_TOKEN: text('at least 16 characters long, without spaces', (value) => /^\S{16,}$/.test(value)).optional(),
  WORKERS: wholeNumber(1, 64).default(1),
  RATE_LIMITS: oneOf(['on', 'off']).default('on'),
  HOLD_BEFORE_SIGN_IN: oneOf(['on', 'off']).default('on'),
  TRUST_PROXY: list(
    'addresses or CIDR blocks of proxies such as 10.0.0.0/8 (a number is not enough)',
    isNetwork,
  ).default([]),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  SMTP_URL: text('an address that starts with smtp:// or smtps://', isSmtpUrl).optional(),
  MAIL_FROM: text('a mail sender such as Frontrow <tickets@example.org>', isMailSender).optional(),
  SITE_NAME: text('one line of at most 60 characters', (value) => /^[^\p{Cc}\u2028\u2029]{1,60}$/u.test(value)).default(
    'Frontrow',
  ),
  SELLER_NAME: oneLine(120).optional(),
  SELLER_ADDRESS: oneLine(300).optional(),
  SELLER_TAX_ID: oneLine(40).optional(),
  SELLER_NOTE: oneLine(300).optional(),
  RECEIPT_PREFIX: text('1 to 12 capital letters, digits and hyphens', isReceiptPrefix).default('R-'),
  CONTACT_EMAIL: email.optional(),
  IMPRINT_URL: pageUrl.optional(),
  PRIVACY_URL: pageUrl.optional(),
  TERMS_URL: pageUrl.optional(),
  STRICT_PRODUCTION: oneOf(['on', 'off']).default('off'),
  KEEP_DONE_JOBS_DAYS: wholeNumber(7, MOST_DAYS).default(180),
  KEEP_PAYER_ADDRESSES_DAYS: wholeNumber(0, MOST_DAYS).default(30),
  CLOSE_UNUSED_ACCOUNTS_YEARS: wholeNumber(1, 100).optional(),
  KEEP_SENT_MAILS_DAYS: wholeNumber(7, MOST_DAYS).default(180),
  KEEP_SESSIONS_DAYS: wholeNumber(0, MOST_DAYS).default(1),
  KEEP_WEBHOOKS_DAYS: wholeNumber(7, MOST_DAYS).default(90),
  KEEP_DEMO_PAYMENTS_DAYS: wholeNumber(1, MOST_DAYS).default(365),
  NODE_ENV: z.string().optional(),
  ...WALLET_SETTINGS,
});

type Settings = z.infer<typeof SETTINGS>;

/** The names of all variables that Frontrow reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(SETTINGS.shape);

/** Variables whose values may be passwords, and never appear in a message. */
const SECRET: ReadonlySet<string> = new Set([
  'MONGO_URI',
  'MONGO_ADMIN_URI',
  'JWT_SECRET',
  'METRICS_TOKEN',
  'ADMIN_PASSWORD',
  'SMTP_URL',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  ...SECRET_WALLET_SETTINGS,
]);

export type Config = Readonly<ReturnType<typeof toConfig>>;
export type Retention = Config['retention'];

/** For a database without settings of its own. */
export const DEFAULT_RETENTION: Retention = toRetention(SETTINGS.parse({}));

/** Reads the configuration from these variables and ignores unknown ones. Throws a ConfigError that names each wrong one. */
export function readConfig(env: Environment): Config {
  // Many tools set a variable to the empty string where they mean to leave it unset.
  const given = Object.fromEntries(SETTING_NAMES.map((name) => [name, env[name]?.trim() || undefined]));
  const parsed = SETTINGS.safeParse(given);
  const problems = parsed.success
    ? conflictsOf(parsed.data)
    : parsed.error.issues.map((issue) => sentenceOf(issue, given));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems.join('\n'));
  return toConfig(parsed.data);
}

/** The variables of the process, and those of `.env` in the folder that the process does not set. */
export function readEnvironment(folder: string): Environment {
  return { ...readDotenv(join(folder, '.env')), ...process.env };
}

function readDotenv(file: string): Environment {
  try {
    return parseDotenv(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new ConfigError(`The settings in ${file} cannot be read: ${String(error)}.`);
  }
}

function sentenceOf(issue: z.core.$ZodIssue, given: Environment): string {
  const name = String(issue.path[0]);
  const value = SECRET.has(name) ? '' : ` (it is "${given[name] ?? ''}")`;
  return `${name} ${issue.message}${value}.`;
}

function conflictsOf(settings: Settings): string[] {
  const found: string[] = [];
  if ((settings.ADMIN_EMAIL === undefined) !== (settings.ADMIN_PASSWORD === undefined))
    found.push('ADMIN_EMAIL and ADMIN_PASSWORD must be set together, or neither of them.');
  if (settings.NODE_ENV === 'production' && settings.JWT_SECRET === undefined)
    found.push('JWT_SECRET must be set (at least 32 characters) when NODE_ENV is production.');
  if (settings.STRICT_PRODUCTION === 'on' && settings.NODE_ENV !== 'production')
    found.push('NODE_ENV must be production when STRICT_PRODUCTION is on.');
  if (settings.CLOSE_UNUSED_ACCOUNTS_YEARS !== undefined && settings.SMTP_URL === undefined)
    found.push('SMTP_URL must be set when CLOSE_UNUSED_ACCOUNTS_YEARS is: accounts are closed only after a mail.');
  found.push(...stripeConflictsOf(settings), ...sellerConflictsOf(settings), ...walletConflictsOf(settings));
  return found;
}

function toConfig(settings: Settings) {
  return {
    port: settings.PORT ?? null,
    host: settings.HOST,
    mongoUri: settings.MONGO_URI ?? null,
    mongoAdminUri: settings.MONGO_ADMIN_URI ?? null,
    mongodBinary: settings.MONGOMS_SYSTEM_BINARY ?? null,
    dataDir: settings.DATA_DIR,
    jwtSecret: settings.JWT_SECRET ?? null,
    adminEmail: settings.ADMIN_EMAIL ?? null,
    adminPassword: settings.ADMIN_PASSWORD ?? null,
    // A public site shows sample events only if its settings ask for them.
    demoData: settings.DEMO_DATA ?? (settings.NODE_ENV === 'production' ? 'off' : 'auto'),
    publicUrl: settings.PUBLIC_URL ?? null,
    corsOrigins: settings.CORS_ORIGINS,
    payments: settings.PAYMENTS ?? null,
    stripe: toStripe(settings),
    wallet: toWalletConfig(settings),
    metricsToken: settings.METRICS_TOKEN ?? null,
    workers: settings.WORKERS,
    rateLimits: settings.RATE_LIMITS === 'on',
    holdBeforeSignIn: settings.HOLD_BEFORE_SIGN_IN === 'on',
    trustProxy: settings.TRUST_PROXY,
    logLevel: settings.LOG_LEVEL,
    smtpUrl: settings.SMTP_URL ?? null,
    mailFrom: settings.MAIL_FROM ?? null,
    siteName: settings.SITE_NAME,
    receipts: toReceiptSettings(settings),
    contactEmail: settings.CONTACT_EMAIL ?? null,
    imprintUrl: settings.IMPRINT_URL ?? null,
    privacyUrl: settings.PRIVACY_URL ?? null,
    termsUrl: settings.TERMS_URL ?? null,
    otlpEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, '') ?? null,
    tracedShare: settings.OTEL_TRACES_SAMPLER_ARG,
    strictProduction: settings.STRICT_PRODUCTION === 'on',
    retention: toRetention(settings),
    production: settings.NODE_ENV === 'production',
  };
}

/** How long what is no longer needed stays stored. */
function toRetention(settings: Settings) {
  return {
    doneJobDays: settings.KEEP_DONE_JOBS_DAYS,
    payerAddressDays: settings.KEEP_PAYER_ADDRESSES_DAYS,
    /** Null: accounts stay until their owners close them. */
    unusedAccountYears: settings.CLOSE_UNUSED_ACCOUNTS_YEARS ?? null,
    sentMailDays: settings.KEEP_SENT_MAILS_DAYS,
    sessionDays: settings.KEEP_SESSIONS_DAYS,
    webhookDays: settings.KEEP_WEBHOOKS_DAYS,
    demoPaymentDays: settings.KEEP_DEMO_PAYMENTS_DAYS,
  };
}
