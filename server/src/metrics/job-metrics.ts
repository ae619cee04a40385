import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { JobDoc } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { Reading, Registrars } from './registrars.ts';

/** How long a read for the metrics may take. */
export const READ_MS = 2_000;

/** A runner of jobs: the kinds that it runs, and its attempts by result. */
export interface CountedRunner {
  kinds: readonly string[];
  counts: Record<'done' | 'retried' | 'failed', number>;
}

export interface JobSources {
  jobs: CountedRunner;
  payments: { jobs: CountedRunner };
  notifications: { runners: readonly CountedRunner[]; kinds: Record<'urgent' | 'bulk', readonly string[]> };
  models: Pick<Models, 'jobs'>;
  now: Now;
  log: Log;
}

/** Registers the metrics of jobs, the notifications among them. */
export function registerJobs(sources: JobSources, { sharedGauge, counter }: Registrars): void {
  const { jobs, payments, notifications, models, log } = sources;
  const runners = [jobs, payments.jobs, ...notifications.runners];
  const sum = (result: keyof CountedRunner['counts']) =>
    runners.reduce((total, { counts }) => total + counts[result], 0);
  const finished = () => ({ done: sum('done'), retried: sum('retried'), failed: sum('failed') });
  counter('frontrow_jobs_total', 'Attempts at jobs by this server, by result.', finished, 'result');
  sharedGauge('frontrow_jobs', 'Unfinished jobs in the database, by state.', () => jobsByState(models, log), 'state');
  const kinds = Object.fromEntries(runners.flatMap((runner) => runner.kinds.map((kind) => [kind, [kind]])));
  const help = 'How long the oldest waiting job has waited, mails included, by kind; 0 if none waits.';
  sharedGauge('frontrow_jobs_oldest_seconds', help, () => agesOfOldest(sources, kinds), 'kind');
  const ageHelp = 'How long the oldest waiting notification has waited, by urgency: urgent or bulk; 0 if none waits.';
  const ages = () => agesOfOldest(sources, notifications.kinds);
  sharedGauge('frontrow_notifications_oldest_seconds', ageHelp, ages, 'urgency');
}

const OPEN_STATES = ['waiting', 'running', 'failed'] as const;

/** Counts unfinished jobs; finished ones are many and only history. No values if the database cannot be read. */
async function jobsByState({ jobs }: Pick<Models, 'jobs'>, log: Log): Promise<Reading> {
  try {
    const counts = OPEN_STATES.map((state) => jobs.countDocuments({ state }).maxTimeMS(READ_MS));
    const [waiting = 0, running = 0, failed = 0] = await Promise.all(counts);
    return { waiting, running, failed };
  } catch (error) {
    log.warn({ err: error }, 'Jobs could not be counted for /metrics');
    return {};
  }
}

/** Seconds since the oldest waiting job of each group of kinds was added; retried jobs keep their age. */
async function agesOfOldest(
  { models: { jobs }, now, log }: Pick<JobSources, 'models' | 'now' | 'log'>,
  groups: Record<string, readonly string[]>,
): Promise<Reading> {
  const atMs = now().getTime();
  const ageOf = async (kinds: readonly string[]) => {
    const filter = { state: 'waiting' as const, kind: { $in: [...kinds] } };
    const found = jobs.findOne(filter, { createdAt: 1 }).sort({ createdAt: 1 }).maxTimeMS(READ_MS);
    const oldest = await found.lean<Pick<JobDoc, 'createdAt'>>();
    return oldest ? Math.max(0, (atMs - oldest.createdAt.getTime()) / 1_000) : 0;
  };
  try {
    const ages = Object.entries(groups).map(async ([name, kinds]) => [name, await ageOf(kinds)] as const);
    return Object.fromEntries(await Promise.all(ages));
  } catch (error) {
    log.warn({ err: error }, 'The age of jobs could not be read for /metrics');
    return {};
  }
}
