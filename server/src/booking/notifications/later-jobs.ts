import type { Log } from '#server/log.ts';
import type { JobDoc } from '#server/models/job.ts';
import { insertMissingJobs, newJobDoc } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { SleepOrAbort } from '#server/sleep.ts';
import type { LaterJobs } from '../engine/engine.ts';

/** One command adds the jobs of this time: no client waits for them, and a sale commits fifty batches a second. */
const GATHER_MS = 100;

interface LaterJobsOptions {
  models: Pick<Models, 'jobs'>;
  sleepOrAbort: SleepOrAbort;
  log: Log;
}

/**
 * Adds the notification jobs that follow from a batch's ledger document, after its commit. Jobs that cannot be added, or
 * whose server is killed before, are added by the sweep (`missing-jobs.ts`).
 */
export function createLaterJobs({ models, sleepOrAbort, log }: LaterJobsOptions): LaterJobs {
  let gathered: Omit<JobDoc, '_id'>[] = [];
  let adding: Promise<void> | null = null;
  let hurry = new AbortController();

  async function addGathered(): Promise<void> {
    while (gathered.length > 0) {
      await sleepOrAbort(GATHER_MS, hurry.signal);
      const docs = gathered;
      gathered = [];
      try {
        await insertMissingJobs(models, docs);
      } catch (error) {
        log.warn({ count: docs.length, err: error }, 'Jobs could not be added after their commit; the sweep adds them');
      }
    }
    adding = null;
  }

  return {
    add(jobs, at): void {
      if (jobs.length === 0) return;
      gathered.push(...jobs.map((job) => newJobDoc(job, at)));
      adding ??= addGathered();
    },
    async settled(): Promise<void> {
      hurry.abort();
      await adding;
      hurry = new AbortController();
    },
  };
}
