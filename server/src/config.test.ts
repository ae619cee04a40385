import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { appleSettings, googleSettings } from '../test/support/wallet/pass-keys.ts';
import { ConfigError, readConfig, readEnvironment, SETTING_NAMES } from './config.ts';

const SECRET = 'a-secret-of-more-than-thirty-two-characters';
const STRIPE = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' };

function configError(env: Parameters<typeof readConfig>[0]): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('readConfig', () => {
  test('returns the documented defaults for an empty environment', () => {
    expect(readConfig({})).toEqual({
      port: null,
      host: '127.0.0.1',
      mongoUri: null,
      mongoAdminUri: null,
      mongodBinary: null,
      dataDir: 'data',
      jwtSecret: null,
      adminEmail: null,
      adminPassword: null,
      demoData: 'auto',
      publicUrl: null,
      corsOrigins: [],
      payments: null,
      stripe: null,
      wallet: { apple: null, google: null },
      metricsToken: null,
      workers: 1,
      rateLimits: true,
      holdBeforeSignIn: true,
      trustProxy: [],
      logLevel: 'info',
      smtpUrl: null,
      mailFrom: null,
      siteName: 'Frontrow',
      receipts: { series: 'R-', seller: null, note: null },
      contactEmail: null,
      imprintUrl: null,
      privacyUrl: null,
      termsUrl: null,
      otlpEndpoint: null,
      tracedShare: 1,
      strictProduction: false,
      retention: {
        doneJobDays: 180,
        payerAddressDays: 30,
        unusedAccountYears: null,
        sentMailDays: 180,
        sessionDays: 1,
        webhookDays: 90,
        demoPaymentDays: 365,
      },
      production: false,
    });
  });

  test('treats an empty value as unset, and ignores unknown variables', () => {
    const empty = Object.fromEntries(SETTING_NAMES.map((name) => [name, ' ']));
    expect(readConfig({ ...empty, PATH: '/usr/bin', FRONTROW: 'x' })).toEqual(readConfig({}));
  });
});

describe('readConfig accepts', () => {
  test.each<[string, string, Partial<ReturnType<typeof readConfig>>]>([
    ['PORT', '0', { port: 0 }],
    ['PORT', '65535', { port: 65_535 }],
    ['HOST', '::', { host: '::' }],
    ['MONGO_URI', 'mongodb+srv://db.example.org/x', { mongoUri: 'mongodb+srv://db.example.org/x' }],
    ['PUBLIC_URL', 'https://Tickets.example.org/', { publicUrl: 'https://tickets.example.org' }],
    ['PUBLIC_URL', 'http://localhost:8080', { publicUrl: 'http://localhost:8080' }],
    [
      'CORS_ORIGINS',
      'https://a.example, http://b.example:81',
      { corsOrigins: ['https://a.example', 'http://b.example:81'] },
    ],
    ['TRUST_PROXY', '10.0.0.0/8,::1', { trustProxy: ['10.0.0.0/8', '::1'] }],
    ['RATE_LIMITS', 'off', { rateLimits: false }],
    ['MAIL_FROM', 'Box <box@example.org>', { mailFrom: 'Box <box@example.org>' }],
    ['PAYMENTS', 'demo', { payments: 'demo' }],
    ['NODE_ENV', 'test', { production: false }],
    ['DEMO_DATA', 'on', { demoData: 'on' }],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://localhost:4318/', { otlpEndpoint: 'http://localhost:4318' }],
    ['OTEL_TRACES_SAMPLER_ARG', '0.01', { tracedShare: 0.01 }],
    ['STRICT_PRODUCTION', 'off', { strictProduction: false }],
    ['RECEIPT_PREFIX', 'HH-2026-', { receipts: { series: 'HH-2026-', seller: null, note: null } }],
    ['SELLER_NOTE', 'Keine USt.', { receipts: { series: 'R-', seller: null, note: 'Keine USt.' } }],
    ['KEEP_WEBHOOKS_DAYS', '7', { retention: { ...readConfig({}).retention, webhookDays: 7 } }],
  ])('%s=%s', (name, value, expected) => {
    expect(readConfig({ [name]: value })).toMatchObject(expected);
  });

  test('a seller with name, address and tax number', () => {
    const seller = { SELLER_NAME: 'Verein', SELLER_ADDRESS: 'Hof 1, 20457 Hamburg', SELLER_TAX_ID: 'DE1' };
    expect(readConfig(seller).receipts.seller).toEqual({
      name: 'Verein',
      address: 'Hof 1, 20457 Hamburg',
      taxId: 'DE1',
    });
  });

  test('PAYMENTS=stripe with its secrets', () => {
    const { payments, stripe } = readConfig({ PAYMENTS: 'stripe', ...STRIPE });
    expect({ payments, stripe }).toEqual({
      payments: 'stripe',
      stripe: { secretKey: 'sk_test_1', webhookSecret: 'whsec_1', apiBase: null },
    });
    const elsewhere = { PAYMENTS: 'stripe', ...STRIPE, STRIPE_API_BASE: 'http://127.0.0.1:12111/' };
    expect(readConfig(elsewhere).stripe?.apiBase).toBe('http://127.0.0.1:12111');
  });

  test('the secrets of Stripe beside other payments, for refunds of earlier ones', () => {
    expect(readConfig({ PAYMENTS: 'demo', ...STRIPE }).stripe).toMatchObject({ secretKey: 'sk_test_1' });
    expect(readConfig({ STRIPE_SECRET_KEY: 'sk_test_1' }).stripe).toBeNull();
  });

  test('keys of wallets as PEM text, in one line, and as paths of files', () => {
    const apple = appleSettings();
    const folder = mkdtempSync(join(tmpdir(), 'frontrow-keys-'));
    const file = join(folder, 'pass.pem');
    writeFileSync(file, `Bag Attributes\r\n${apple.APPLE_PASS_CERT.replaceAll('\n', '\r\n')}`);
    const oneLine = apple.APPLE_PASS_KEY.replaceAll('\n', String.raw`\n`);
    const { wallet } = readConfig({ ...apple, APPLE_PASS_CERT: file, APPLE_PASS_KEY: oneLine, ...googleSettings() });
    expect(wallet.apple).toMatchObject({ cert: apple.APPLE_PASS_CERT, key: apple.APPLE_PASS_KEY, passphrase: null });
    expect(wallet.google).toMatchObject({ issuer: '3388000000012345678' });
    rmSync(folder, { recursive: true });
  });

  test('production with its secret, and without sample data unless DEMO_DATA is set', () => {
    const production = { NODE_ENV: 'production', JWT_SECRET: SECRET };
    expect(readConfig(production)).toMatchObject({ production: true, jwtSecret: SECRET, demoData: 'off' });
    for (const demoData of ['auto', 'on'])
      expect(readConfig({ ...production, DEMO_DATA: demoData })).toMatchObject({ demoData });
    expect(readConfig({ ...production, STRICT_PRODUCTION: 'on' })).toMatchObject({ strictProduction: true });
  });
});

describe('readConfig refuses, with a sentence that names the variable', () => {
  test.each([
    ['PORT', 'abc', 'PORT must be a whole number from 0 to 65535 (it is "abc").'],
    ['PORT', '65536', 'PORT must be a whole number'],
    ['PORT', '80.5', 'PORT must be a whole number'],
    ['PORT', '0x50', 'PORT must be a whole number'],
    ['HOST', 'localhost/x', 'HOST must be an address or host name'],
    ['MONGO_URI', 'postgres://db', 'MONGO_URI must be a connection string'],
    ['DEMO_DATA', 'yes', 'DEMO_DATA must be one of: auto, on, off (it is "yes").'],
    ['PUBLIC_URL', 'https://a.example/shop', 'PUBLIC_URL must be an origin'],
    ['PUBLIC_URL', 'https://user@a.example', 'PUBLIC_URL must be an origin'],
    ['PUBLIC_URL', 'https://a.example?x', 'PUBLIC_URL must be an origin'],
    ['PUBLIC_URL', 'tickets.example.org', 'PUBLIC_URL must be an origin'],
    ['CORS_ORIGINS', '*', 'CORS_ORIGINS must be origins'],
    ['CORS_ORIGINS', 'https://a.example,null', 'CORS_ORIGINS must be origins'],
    ['RATE_LIMITS', 'false', 'RATE_LIMITS must be one of'],
    ['RECEIPT_PREFIX', 'r-', 'RECEIPT_PREFIX must be 1 to 12 capital letters, digits and hyphens'],
    ['SELLER_NAME', 'Verein', 'SELLER_ADDRESS and SELLER_TAX_ID must be set as well'],
    ['SELLER_NOTE', 'a\nb', 'SELLER_NOTE must be one line of at most 300 characters'],
    ['TRUST_PROXY', '1', 'TRUST_PROXY must be addresses or CIDR blocks'],
    ['TRUST_PROXY', 'true', 'TRUST_PROXY must be'],
    ['TRUST_PROXY', '10.0.0.0/33', 'TRUST_PROXY must be'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of'],
    ['SMTP_URL', 'https://mail.example.org', 'SMTP_URL must be'],
    ['MAIL_FROM', 'Box <box>', 'MAIL_FROM must be'],
    ['MAIL_FROM', 'a\r\nBcc: b@example.org <c@example.org>', 'MAIL_FROM must be'],
    ['CONTACT_EMAIL', 'box', 'CONTACT_EMAIL must be an e-mail address'],
    ['IMPRINT_URL', 'javascript:alert(1)', 'IMPRINT_URL must be an address that starts with http:// or https://'],
    ['PRIVACY_URL', 'data:text/html,x', 'PRIVACY_URL must be'],
    ['TERMS_URL', '/terms', 'TERMS_URL must be'],
    ['SITE_NAME', 'x'.repeat(61), 'SITE_NAME must be one line of at most 60 characters'],
    ['ADMIN_EMAIL', 'not-an-address', 'ADMIN_EMAIL must be an e-mail address'],
    ['PAYMENTS', 'cash', 'PAYMENTS must be one of: demo, stripe'],
    ['STRIPE_SECRET_KEY', 'pk_test_1', "STRIPE_SECRET_KEY must be a secret key of Stripe's"],
    ['STRIPE_SECRET_KEY', 'sk test', 'STRIPE_SECRET_KEY must be'],
    ['STRIPE_WEBHOOK_SECRET', 'sk_test_1', "STRIPE_WEBHOOK_SECRET must be the signing secret of a webhook of Stripe's"],
    ['STRIPE_API_BASE', 'https://stripe.example/v1', 'STRIPE_API_BASE must be an origin'],
    ['STRIPE_API_BASE', 'stripe.example', 'STRIPE_API_BASE must be an origin'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318', 'OTEL_EXPORTER_OTLP_ENDPOINT must be an address'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1 (it is "1.5").'],
    ['STRICT_PRODUCTION', 'yes', 'STRICT_PRODUCTION must be one of: on, off'],
    ['STRICT_PRODUCTION', 'on', 'NODE_ENV must be production when STRICT_PRODUCTION is on.'],
    ['WORKERS', '65', 'WORKERS must be a whole number from 1 to 64'],
    ['WORKERS', '0', 'WORKERS must be a whole number from 1'],
    ['NODE_ENV', 'production', 'JWT_SECRET must be set (at least 32 characters) when NODE_ENV is production.'],
  ])('%s=%s', (name, value, expected) => {
    expect(configError({ [name]: value })).toContain(expected);
  });

  test('an admin with only an address or only a password', () => {
    const expected = 'ADMIN_EMAIL and ADMIN_PASSWORD must be set together, or neither of them.';
    expect(configError({ ADMIN_EMAIL: 'admin@example.org' })).toBe(expected);
    expect(configError({ ADMIN_PASSWORD: 'long enough' })).toBe(expected);
  });

  test('the closing of unused accounts without a mail server', () => {
    const expected = /^SMTP_URL must be set when CLOSE_UNUSED_ACCOUNTS_YEARS is/;
    expect(configError({ CLOSE_UNUSED_ACCOUNTS_YEARS: '3' })).toMatch(expected);
    expect(configError({ CLOSE_UNUSED_ACCOUNTS_YEARS: '3', SMTP_URL: 'smtp://m' })).toBe('accepted');
  });

  test('payments by Stripe without both of its secrets', () => {
    const needed = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'].map((name) => `${name} must be set when PAYMENTS`);
    for (const sentence of needed) expect(configError({ PAYMENTS: 'stripe' })).toContain(sentence);
    expect(configError({ PAYMENTS: 'stripe', STRIPE_SECRET_KEY: 'sk_test_1' })).toBe(
      'STRIPE_WEBHOOK_SECRET must be set when PAYMENTS is stripe.',
    );
  });

  test('a live key of Stripe over plain HTTP', () => {
    const live = { PAYMENTS: 'stripe', ...STRIPE, STRIPE_SECRET_KEY: 'rk_live_1' };
    expect(configError({ ...live, STRIPE_API_BASE: 'http://stripe.example' })).toBe(
      'STRIPE_API_BASE must start with https:// if STRIPE_SECRET_KEY is a live key.',
    );
    expect(configError({ ...live, STRIPE_API_BASE: 'https://stripe.example' })).toBe('accepted');
    expect(configError(live)).toBe('accepted');
  });

  test.each(Object.keys({ ...appleSettings(), ...googleSettings() }))(
    'half a set of keys of a wallet, without %s',
    (name) => {
      const { [name]: _, ...others } = { ...appleSettings(), ...googleSettings() } as Record<string, string>;
      expect(configError(others)).toMatch(new RegExp(`^${name} must be set as well: .* belong together`));
    },
  );

  test('keys of wallets that are something else, without repeating them', () => {
    const { APPLE_PASS_CERT: cert, APPLE_PASS_KEY: key } = appleSettings();
    for (const [name, value, expected] of [
      [
        'APPLE_PASS_CERT',
        key,
        'must be a certificate as PEM text, or the path of a file with it: the text is something',
      ],
      ['APPLE_PASS_KEY', cert, 'must be a private key as PEM text'],
      ['GOOGLE_WALLET_KEY', '/nowhere/key.pem', 'no file that can be read'],
      ['APPLE_WWDR_CERT', import.meta.filename, 'the file has something else'],
      ['APPLE_PASS_TYPE_ID', 'org.example', 'must be a pass type identifier'],
      ['APPLE_TEAM_ID', 'abc', 'must be a team identifier'],
      ['GOOGLE_WALLET_ISSUER', 'me', 'must be an issuer id'],
      ['GOOGLE_WALLET_EMAIL', 'me', 'must be the mail address of a service account'],
    ] as const) {
      expect(configError({ [name]: value })).toContain(`${name} `);
      expect(configError({ [name]: value })).toContain(expected);
      if (value.includes('BEGIN')) expect(configError({ [name]: value })).not.toContain('BEGIN');
    }
    expect(configError({ APPLE_PASS_KEY_PASSPHRASE: 'secret' })).toMatch(/^APPLE_PASS_KEY must be set when/);
  });

  test('a wrong secret, without repeating it', () => {
    for (const [name, value] of Object.entries({
      JWT_SECRET: 'short-secret',
      ADMIN_PASSWORD: 'seven77',
      METRICS_TOKEN: 'short-token',
      SMTP_URL: 'x://u:hidden@h',
      STRIPE_SECRET_KEY: 'pk_test_hidden',
      STRIPE_WEBHOOK_SECRET: 'sk_test_hidden',
    })) {
      expect(configError({ [name]: value })).toMatch(new RegExp(`^${name} must be`));
      expect(configError({ [name]: value })).not.toContain(value);
    }
  });

  test('several variables, with a sentence for each', () => {
    expect(configError({ PORT: 'x', LOG_LEVEL: 'y' }).split('\n')).toHaveLength(2);
  });
});

describe('readEnvironment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontrow-env-'));
  afterEach(() => rmSync(join(folder, '.env'), { force: true }));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('adds the variables of .env to the environment and never overrides it', () => {
    writeFileSync(join(folder, '.env'), 'PATH=/nowhere\nSITE_NAME="From the file"\n');
    const env = readEnvironment(folder);
    expect(env['SITE_NAME']).toBe('From the file');
    expect(env['PATH']).not.toBe('/nowhere');
  });

  test('works without .env', () => {
    expect(readEnvironment(folder)['PATH']).toBeTypeOf('string');
  });
});

describe('.env.example', () => {
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const uncommented = example.replaceAll(/^# ([A-Z_]+=.*)$/gm, '$1');

  test('names exactly the existing settings, all commented out', () => {
    expect(parse(example)).toEqual({});
    expect(Object.keys(parse(uncommented)).toSorted()).toEqual([...SETTING_NAMES].toSorted());
  });

  test('shows accepted values', () => {
    const secrets = { JWT_SECRET: SECRET, ADMIN_PASSWORD: 'long enough', METRICS_TOKEN: SECRET, ...STRIPE };
    const keys = { ...appleSettings(), ...googleSettings() };
    expect(configError({ ...parse(uncommented), ...secrets, ...keys })).toBe('accepted');
  });

  test('shows the defaults', () => {
    const shown = parse(uncommented);
    const defaults = [
      'PORT',
      'HOST',
      'DATA_DIR',
      'DEMO_DATA',
      'PAYMENTS',
      'LOG_LEVEL',
      'RATE_LIMITS',
      'WORKERS',
      'OTEL_TRACES_SAMPLER_ARG',
      'STRICT_PRODUCTION',
      'SITE_NAME',
    ];
    const picked = Object.fromEntries(defaults.map((name) => [name, shown[name]]));
    expect(readConfig(picked)).toEqual({ ...readConfig({}), port: 5000, payments: 'demo' });
  });
});
