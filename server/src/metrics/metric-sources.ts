import type { Registry } from '@prometheus-io/client';
import { Counter, Gauge } from '@prometheus-io/client';
import type { Engine } from '#server/booking/engine/engine.ts';
import type { LastReconcile } from '#server/booking/reconcile/reconcile-timer.ts';
import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { JobDoc } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import { UNRESOLVED_MISMATCH } from '#server/models/payment.ts';

/** The parts of the server that keep counts themselves. */
export interface MetricSources {
  clock: { readonly skewMs: number };
  engine: Pick<Engine, 'metrics' | 'queueLengths'>;
  sockets: { counts: { transports: number; booking: number; public: number; inFlight: number } };
  live: { feed: { live: boolean; lagMs: number; counts: { reopened: number; gaps: number } } };
  jobs: Runner;
  notifications: { runners: readonly Runner[]; kinds: Record<'urgent' | 'bulk', readonly string[]> };
  models: Pick<Models, 'jobs' | 'payments'>;
  payments: { jobs: Runner; counts: Record<string, number>; webhooks: { counts: Record<string, number> } };
  reconcileTimer: { readonly last: LastReconcile | null };
  logCounts: { lost: number };
  now: Now;
  log: Log;
}

type JobCounts = Record<'done' | 'retried' | 'failed', number>;

interface Runner {
  counts: JobCounts;
}

/** The values of a metric by its label; a plain number for a metric without labels. */
type Reading = number | Record<string, number>;

/** Registers a metric whose value is read at each collection. */
type Register = (name: string, help: string, read: () => Reading | Promise<Reading>, label?: string) => void;

/** `sharedGauge`: a value of the database, which all workers read alike; other gauges are values of one process. */
type Registrars = Record<'counter' | 'sharedGauge', Register>;

/** Registers the metrics of all sources. */
export function registerSourceMetrics(registry: Registry, sources: MetricSources): void {
  const gauge = gaugeRegistrar(registry, 'sum');
  const counter = counterRegistrar(registry);
  const sharedGauge = gaugeRegistrar(registry, 'first');
  registerEngine(sources, gauge, counter);
  registerConnections(sources, gauge);
  registerFeed(sources, gauge, counter);
  registerJobs(sources, { sharedGauge, counter });
  registerPayments(sources, { sharedGauge, counter });
  registerReconciliation(sources, gauge);
  registerLog(sources, counter);
  registerClock(sources, gauge);
}

function registerClock({ clock }: MetricSources, gauge: Register): void {
  const help = "How far this machine's clock is ahead of the database's, by which all times go.";
  gauge('frontrow_clock_skew_seconds', help, () => clock.skewMs / 1_000);
}

function registerLog({ logCounts }: MetricSources, counter: Register): void {
  const help = 'Log lines that were lost because the log was full, closed or not read.';
  counter('frontrow_log_lines_lost_total', help, () => logCounts.lost);
}

function registerEngine({ engine }: MetricSources, gauge: Register, counter: Register): void {
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
  gauge('frontrow_queue_events', 'Events with commands in their queue.', () => engine.queueLengths().events);
  gauge('frontrow_queue_commands', 'Commands that wait in all queues.', () => engine.queueLengths().waiting);
  gauge('frontrow_queue_longest', 'Commands that wait in the longest queue.', () => engine.queueLengths().longest);
}

function registerConnections({ sockets }: MetricSources, gauge: Register): void {
  const open = () => ({ booking: sockets.counts.booking, public: sockets.counts.public });
  gauge('frontrow_connections', 'Open connections by namespace.', open, 'namespace');
  gauge('frontrow_transports', 'Open transports.', () => sockets.counts.transports);
  gauge('frontrow_commands_in_work', 'Commands that are not answered yet.', () => sockets.counts.inFlight);
}

function registerFeed({ live: { feed } }: MetricSources, gauge: Register, counter: Register): void {
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

function registerJobs(
  { jobs, payments, notifications, models, now, log }: MetricSources,
  { sharedGauge, counter }: Registrars,
): void {
  const runners = [jobs, payments.jobs, ...notifications.runners];
  const sum = (result: keyof JobCounts) => runners.reduce((total, { counts }) => total + counts[result], 0);
  const finished = () => ({ done: sum('done'), retried: sum('retried'), failed: sum('failed') });
  counter('frontrow_jobs_total', 'Attempts at jobs by this server, by result.', finished, 'result');
  sharedGauge('frontrow_jobs', 'Unfinished jobs in the database, by state.', () => jobsByState(models, log), 'state');
  const ageHelp = 'How long the oldest waiting notification has waited, by urgency: urgent or bulk; 0 if none waits.';
  const ages = () => agesOfOldest(models, notifications.kinds, now(), log);
  sharedGauge('frontrow_notifications_oldest_seconds', ageHelp, ages, 'urgency');
}

const OPEN_STATES = ['waiting', 'running', 'failed'] as const;
const COUNT_MS = 2_000;

/** Counts unfinished jobs; finished ones are many and only history. No values if the database cannot be read. */
async function jobsByState({ jobs }: Pick<Models, 'jobs'>, log: Log): Promise<Reading> {
  try {
    const counts = OPEN_STATES.map((state) => jobs.countDocuments({ state }).maxTimeMS(COUNT_MS));
    const [waiting = 0, running = 0, failed = 0] = await Promise.all(counts);
    return { waiting, running, failed };
  } catch (error) {
    log.warn({ err: error }, 'Jobs could not be counted for /metrics');
    return {};
  }
}

/** Seconds since the oldest waiting job of each group of kinds was added; retried jobs keep their age. */
async function agesOfOldest(
  { jobs }: Pick<Models, 'jobs'>,
  groups: Record<string, readonly string[]>,
  at: Date,
  log: Log,
): Promise<Reading> {
  const ageOf = async (kinds: readonly string[]) => {
    const filter = { state: 'waiting' as const, kind: { $in: [...kinds] } };
    const found = jobs.findOne(filter, { createdAt: 1 }).sort({ createdAt: 1 }).maxTimeMS(COUNT_MS);
    const oldest = await found.lean<Pick<JobDoc, 'createdAt'>>();
    return oldest ? Math.max(0, (at.getTime() - oldest.createdAt.getTime()) / 1_000) : 0;
  };
  try {
    const ages = Object.entries(groups).map(async ([name, kinds]) => [name, await ageOf(kinds)] as const);
    return Object.fromEntries(await Promise.all(ages));
  } catch (error) {
    log.warn({ err: error }, 'The age of notifications could not be read for /metrics');
    return {};
  }
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
      return [name, await payments.collection.countDocuments(filter, { maxTimeMS: COUNT_MS })] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
  } catch (error) {
    log.warn({ err: error }, 'Payments could not be counted for /metrics');
    return {};
  }
}

function registerReconciliation({ reconcileTimer }: MetricSources, gauge: Register): void {
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

/** `aggregator`: how the library merges the gauges of several workers that have the same labels. */
function gaugeRegistrar(registry: Registry, aggregator: 'sum' | 'first'): Register {
  return (name, help, read, label) => {
    const labelNames = label === undefined ? [] : [label];
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      aggregator,
      async collect() {
        const reading = await read();
        this.reset();
        for (const [labels, value] of valuesOf(reading, label)) this.set(labels, value);
      },
    });
  };
}

function counterRegistrar(registry: Registry): Register {
  return (name, help, read, label) => {
    const labelNames = label === undefined ? [] : [label];
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const reading = await read();
        this.reset();
        for (const [labels, value] of valuesOf(reading, label)) this.inc(labels, value);
      },
    });
  };
}

function valuesOf(reading: Reading, label: string | undefined): [Record<string, string>, number][] {
  if (typeof reading === 'number') return [[{}, reading]];
  return Object.entries(reading).map(([name, value]) => [{ [label ?? 'name']: name }, value]);
}
