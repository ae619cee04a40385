/** A mail that was sent: when its fact came about, and when the mail server had accepted it, in milliseconds. */
export interface SentMail {
  factMs: number;
  sentMs: number;
}

interface Ages {
  count: number;
  /** In seconds, as are the others. */
  p50: number;
  p99: number;
  oldest: number;
}

/** How old the facts were when their mails were sent; zeros without mails. */
export function agesOf(mails: readonly SentMail[]): Ages {
  const ages = mails.map(({ factMs, sentMs }) => (sentMs - factMs) / 1_000).sort((a, b) => a - b);
  const at = (share: number) => ages[Math.max(0, Math.ceil(ages.length * share) - 1)] ?? 0;
  return { count: ages.length, p50: at(0.5), p99: at(0.99), oldest: at(1) };
}

/** Mails a second between two times. */
export function rateBetween(mails: readonly SentMail[], fromMs: number, toMs: number): number {
  const sent = mails.filter(({ sentMs }) => sentMs >= fromMs && sentMs < toMs).length;
  return toMs > fromMs ? sent / ((toMs - fromMs) / 1_000) : 0;
}
