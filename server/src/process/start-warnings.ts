import type { Config } from '#server/config.ts';

type WarnedConfig = Pick<Config, 'rateLimits' | 'production' | 'publicUrl' | 'trustProxy' | 'smtpUrl'>;

/** What the person who starts a server should know of its settings, a sentence each. */
export function startupWarnings(config: WarnedConfig): string[] {
  const { rateLimits, production, publicUrl, trustProxy, smtpUrl } = config;
  const isHttps = publicUrl?.startsWith('https:') ?? false;
  const warnings: string[] = [];
  if (!rateLimits) warnings.push('RATE_LIMITS is off: anyone can flood this server. Only for load tests.');
  if (!production) return warnings;
  // Frontrow itself serves plain HTTP.
  if (isHttps && trustProxy.length === 0)
    warnings.push(
      'PUBLIC_URL is https, so a proxy is in front of this server, but TRUST_PROXY does not name its address: all ' +
        'visitors share the limits of one address.',
    );
  if (!isHttps) warnings.push('PUBLIC_URL is not https: passwords and cookies can be read on their way.');
  if (smtpUrl === null) warnings.push('SMTP_URL is not set: mails are written to the log, and reach no buyer.');
  return warnings;
}
