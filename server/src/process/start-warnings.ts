import type { Config } from '#server/config.ts';
import { ConfigError } from '#server/config.ts';
import type { Log } from '#server/log.ts';

/** What the person who starts a server should know, a sentence each. */
export interface StartWarnings {
  /** Unsafe: errors of a start with STRICT_PRODUCTION=on. */
  faults: string[];
  /** Safe, with a limit. */
  notes: string[];
}

type WarnedConfig = Pick<
  Config,
  'rateLimits' | 'production' | 'publicUrl' | 'trustProxy' | 'smtpUrl' | 'demoData' | 'mongoUri' | 'dataDir'
>;

/** What the settings have that a start must warn of. */
export function settingsWarnings(config: WarnedConfig): StartWarnings {
  const faults = config.rateLimits ? [] : ['RATE_LIMITS is off: anyone can flood this server. Only for load tests.'];
  if (!config.production) return { faults, notes: [] };
  return { faults: [...faults, ...publicFaults(config)], notes: config.mongoUri === null ? [EMBEDDED] : [] };
}

const EMBEDDED =
  'MONGO_URI is not set: the embedded MongoDB has one copy of the data, on this machine, and its clients stop while it ' +
  'restarts. Back it up, or use a replica set.';

function publicFaults({ publicUrl, trustProxy, smtpUrl, demoData }: WarnedConfig): string[] {
  const isHttps = publicUrl?.startsWith('https:') ?? false;
  const faults: string[] = [];
  // Frontrow itself serves plain HTTP.
  if (isHttps && trustProxy.length === 0)
    faults.push(
      'PUBLIC_URL is https, so a proxy is in front of this server, but TRUST_PROXY does not name its address: all ' +
        'visitors share the limits of one address.',
    );
  if (!isHttps) faults.push('PUBLIC_URL is not https: passwords and cookies can be read on their way.');
  if (smtpUrl === null)
    faults.push('SMTP_URL is not set: no mail is sent, so no code to sign in, no ticket and no new password arrives.');
  if (demoData !== 'off') faults.push(`DEMO_DATA is ${demoData}: everybody sees sample events.`);
  return faults;
}

/** Logs each warning in a line of its own. Throws a ConfigError with the faults if the start must be strict. */
export function speakUp(
  { faults, notes }: StartWarnings,
  { strictProduction }: Pick<Config, 'strictProduction'>,
  log: Pick<Log, 'warn'>,
): void {
  if (strictProduction && faults.length > 0)
    throw new ConfigError([...faults, 'STRICT_PRODUCTION is on, so the server does not start.'].join('\n'));
  for (const sentence of [...faults, ...notes]) log.warn(sentence);
}
