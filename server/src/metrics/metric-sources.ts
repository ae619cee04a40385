import type { Registry } from '@prometheus-io/client';
import type { Engine } from '#server/booking/engine/engine.ts';
import type { LastReconcile } from '#server/booking/reconcile/reconcile-timer.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import { UNRESOLVED_MISMATCH } from '#server/models/payment.ts';
import type { CountedRunner, JobSources } from './job-metrics.ts';
import { READ_MS, registerJobs } from './job-metrics.ts';
import type { Reading, Registrars } from './registrars.ts';
import { createRegistrars } from './registrars.ts';

/** The parts of the server that keep counts themselves. */
export interface MetricSources extends JobSources {
  clock: { readonly skewMs: number };
  engine: Pick<Engine, 'metrics' | 'queueLengths'>;
  sockets: { counts: { transports: number; booking: number; public: number; inFlight: number } };
  live: { feed: { live: boolean; lagMs: number; counts: { reopened: number; gaps: number } } };
  models: Pick<Models, 'jobs' | 'payments' | 'imageFiles'>;
  converter: { counts: Record<'converted' | 'refused' | 'failed' | 'seconds' | 'bytes' | 'peakBytes', number> };
  payments: { jobs: CountedRunner; counts: Record<string, number>; webhooks: { counts: Record<string, number> } };
  reconcileTimer: { readonly last: LastReconcile | null };
  signIns: Record<'codes' | 'passkeys', { counts: Record<string, number> }>;
  logCounts: { lost: number };
}

/** Registers the metrics of all sources. */
export function registerSourceMetrics(registry: Registry, sources: MetricSources): void {
  const registrars = createRegistrars(registry);
  registerEngine(sources, registrars);
  registerConnections(sources, registrars);
  registerFeed(sources, registrars);
  registerJobs(sources, registrars);
  registerPayments(sources, registrars);
  registerReconciliation(sources, registrars);
  registerImages(sources, registrars);
  registerSignIns(sources, registrars);
  registerLog(sources, registrars);
  registerClock(sources, registrars);
}

function registerClock({ clock }: MetricSources, { gauge }: Registrars): void {
  const help = "How far this machine's clock is ahead of the database's, by which all times go.";
  gauge('frontrow_clock_skew_seconds', help, () => clock.skewMs / 1_000);
}

function registerSignIns({ signIns: { codes, passkeys } }: MetricSources, { counter }: Registrars): void {
  const codeHelp = 'Mailed codes of this server: requested, over a limit, mailed, and entered rightly or not.';
  counter('frontrow_mailed_codes_total', codeHelp, () => ({ ...codes.counts }), 'result');
  const passkeyHelp = 'Attempts to sign in by a passkey on this server, by outcome.';
  counter('frontrow_passkey_sign_ins_total', passkeyHelp, () => ({ ...passkeys.counts }), 'result');
}

function registerLog({ logCounts }: MetricSources, { counter }: Registrars): void {
  const help = 'Log lines that were lost because the log was full, closed or not read.';
  counter('frontrow_log_lines_lost_total', help, () => logCounts.lost);
}

function registerEngine({ engine }: MetricSources, { gauge, counter }: Registrars): void {
  const { metrics } = engine;
  counter('frontrow_engine_batches_total', 'Transactions of the booking engine.', () => metrics.batches);
  counter('frontrow_engine_commands_total', 'Commands in those transactions.', () => metrics.commands);
  counter(
    'frontrow_engine_replays_total',
    'Transactions replayed because another writer was first.',
    () => metrics.replays,
  );
  counter(
    'frontrow_engine_halvings_total',
    'Batches halved because one of the commands made them fail.',
    () => metrics.halvings,
  );
  const soldByKind = () => ({ seat: metrics.sold.seat, several: metrics.sold.several, extra: metrics.sold.extra });
  const soldHelp = 'Tickets sold by this server, by the seats that one takes: one, several or none (extra).';
  counter('frontrow_tickets_sold_total', soldHelp, soldByKind, 'kind');
  const voucherHelp = 'Tickets sold by this server for which a voucher was used.';
  counter('frontrow_voucher_tickets_sold_total', voucherHelp, () => metrics.sold.byVoucher);
  const discountHelp = 'What vouchers took off the price of tickets sold by this server, in minor units.';
  counter('frontrow_voucher_discounts_total', discountHelp, () => ({ ...metrics.sold.discounts }), 'currency');
  gauge('frontrow_queue_events', 'Events with commands in their queue.', () => engine.queueLengths().events);
  gauge('frontrow_queue_commands', 'Commands that wait in all queues.', () => engine.queueLengths().waiting);
  gauge('frontrow_queue_longest', 'Commands that wait in the longest queue.', () => engine.queueLengths().longest);
}

function registerConnections({ sockets }: MetricSources, { gauge }: Registrars): void {
  const open = () => ({ booking: sockets.counts.booking, public: sockets.counts.public });
  gauge('frontrow_connections', 'Open connections by namespace.', open, 'namespace');
  gauge('frontrow_transports', 'Open transports.', () => sockets.counts.transports);
  gauge('frontrow_commands_in_work', 'Commands that are not answered yet.', () => sockets.counts.inFlight);
}

function registerFeed({ live: { feed } }: MetricSources, { gauge, counter }: Registrars): void {
  gauge('frontrow_feed_live', 'Whether the change feed receives changes from the database: 1 or 0.', () =>
    Number(feed.live),
  );
  gauge('frontrow_feed_lag_seconds', 'How far the change feed is behind the commits.', () => feed.lagMs / 1_000);
  counter('frontrow_feed_reopened_total', 'How often the change feed was reopened.', () => feed.counts.reopened);
  counter(
    'frontrow_feed_gaps_total',
    'How often the change feed could not resume and had to start anew.',
    () => feed.counts.gaps,
  );
}

function registerPayments({ payments, models, log }: MetricSources, { sharedGauge, counter }: Registrars): void {
  const help = 'Payments handled by this server: checkouts opened, money and refunds, by outcome.';
  counter('frontrow_payments_total', help, () => ({ ...payments.counts }), 'result');
  const webhooks = () => ({ ...payments.webhooks.counts });
  counter('frontrow_webhooks_total', 'Webhooks of payment providers, by effect.', webhooks, 'result');
  const openHelp = 'Unsettled payments in the database: awaited checkouts and refunds, and those that need a person.';
  sharedGauge('frontrow_payments_open', openHelp, () => openPayments(models, log), 'what');
}

/** Counts unsettled payments, each kind by its own index; settled payments are not read. */
async function openPayments({ payments }: Pick<Models, 'payments'>, log: Log): Promise<Reading> {
  const filters = {
    awaited: { lookAt: { $type: 'date' } },
    refused: { 'refunds.status': 'refused' },
    mismatch: UNRESOLVED_MISMATCH,
    reversed: { isReversed: true },
  };
  try {
    const counts = Object.entries(filters).map(async ([name, filter]) => {
      return [name, await payments.collection.countDocuments(filter, { maxTimeMS: READ_MS })] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
  } catch (error) {
    log.warn({ err: error }, 'Payments could not be counted for /metrics');
    return {};
  }
}

function registerImages({ converter, models, log }: MetricSources, { counter, gauge, sharedGauge }: Registrars): void {
  const { counts } = converter;
  const results = () => ({ converted: counts.converted, refused: counts.refused, failed: counts.failed });
  counter('frontrow_image_uploads_total', 'Pictures that this server was to convert, by result.', results, 'result');
  const secondsHelp = 'How long the conversions of this server took together.';
  counter('frontrow_image_conversion_seconds_total', secondsHelp, () => counts.seconds);
  counter('frontrow_image_upload_bytes_total', 'Bytes of the pictures that were converted.', () => counts.bytes);
  const peakHelp = 'The most memory that a conversion took; each is a process of its own.';
  gauge('frontrow_image_conversion_peak_bytes', peakHelp, () => counts.peakBytes);
  const storedHelp = 'Bytes of all files of images in the database.';
  sharedGauge('frontrow_image_stored_bytes', storedHelp, () => storedBytes(models, log));
}

async function storedBytes({ imageFiles }: Pick<Models, 'imageFiles'>, log: Log): Promise<Reading> {
  try {
    const sum = { $group: { _id: null, bytes: { $sum: '$length' } } };
    const [total] = await imageFiles.aggregate<{ bytes: number }>([sum]).option({ maxTimeMS: READ_MS });
    return total?.bytes ?? 0;
  } catch (error) {
    log.warn({ err: error }, 'Files of images could not be counted for /metrics');
    return {};
  }
}

function registerReconciliation({ reconcileTimer }: MetricSources, { gauge }: Registrars): void {
  const differences = () => ({ ...reconcileTimer.last?.differences });
  const help = 'Differences between counters, bookings, ledger and payments in the last reconciliation, by kind.';
  gauge('frontrow_reconcile_differences', help, differences, 'kind');
  const at = () => {
    const look = reconcileTimer.last;
    return look ? look.at.getTime() / 1_000 : 0;
  };
  gauge(
    'frontrow_reconcile_timestamp_seconds',
    'When the last reconciliation began; 0 if this process has made none.',
    at,
  );
  gauge(
    'frontrow_reconcile_events',
    'Events checked in the last reconciliation.',
    () => reconcileTimer.last?.events ?? 0,
  );
}
