import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Types } from 'mongoose';
import type { EnsureAdminDeps } from '#server/accounts/ensure-admin.ts';
import { ensureAdmin } from '#server/accounts/ensure-admin.ts';
import type { Config } from '#server/config.ts';
import { SAMPLES } from './demo-samples.ts';
import type { SampleDeps } from './prepare-sample.ts';
import { prepareSample } from './prepare-sample.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';

export interface DemoDataDeps extends EnsureAdminDeps, SampleDeps {
  config: Pick<Config, 'demoData' | 'dataDir' | 'adminEmail' | 'production'>;
  /** Whether the database is the embedded one; only that is filled without DEMO_DATA=on. */
  embedded: boolean;
}

const DEMO_ADMIN = 'admin@frontrow.example';

/**
 * Fills an empty embedded database with an admin and sample events, and moves the samples to new dates at each start.
 * Uses the functions of real events and bookings, so counters, bookings and ledger agree. Resolves with lines for the
 * person at the terminal.
 */
export async function prepareDemoData(deps: DemoDataDeps): Promise<string[]> {
  const messages: string[] = [];
  if (await isWanted(deps)) {
    const { admin, messages: ofAdmin } = await ensureDemoAdmin(deps);
    for (const sample of SAMPLES) await prepareSample(deps, sample, admin.toHexString());
    messages.push(...ofAdmin);
  }
  return messages;
}

/** Whether to prepare samples. `auto`: if the embedded database is empty or already has samples. */
async function isWanted({ config, embedded, models }: DemoDataDeps): Promise<boolean> {
  if (config.demoData === 'off') return false;
  if (config.demoData === 'on') return true;
  if (!embedded) return false;
  if (await models.events.exists({ requestId: { $in: SAMPLES.map((sample) => sample.requestId) } })) return true;
  const foreign = { email: { $nin: [DEMO_ADMIN, config.adminEmail?.toLowerCase() ?? DEMO_ADMIN] } };
  return !(await models.events.exists({})) && !(await models.users.exists(foreign));
}

/** The admin who creates the samples: the configured one, else a demo admin with a new password. */
async function ensureDemoAdmin(deps: DemoDataDeps): Promise<{ admin: Types.ObjectId; messages: string[] }> {
  const { config, models } = deps;
  const email = config.adminEmail?.toLowerCase() ?? DEMO_ADMIN;
  const known = await models.users.findOne({ email }).lean<UserDoc>();
  const file = join(config.dataDir, 'admin.txt');
  if (known) {
    const messages = config.adminEmail
      ? []
      : [`The admin of the sample events is ${email}, its password is in ${file}.`];
    return { admin: known._id, messages };
  }
  const password = randomBytes(12).toString('base64url');
  // Written before the account exists: a server killed in between writes another password.
  await writePassword(config.dataDir, file, `${email}\n${password}\n`);
  await ensureAdmin(deps, email, password);
  const admin = await models.users.findOne({ email }).orFail().lean<UserDoc>();
  // The terminal of a public site is a log that others read.
  const signInMessage = config.production
    ? `Sign in as admin: ${email}, with the password in ${file}.`
    : `Sign in as admin: ${email}, password ${password} (kept in ${file}).`;
  return { admin: admin._id, messages: [signInMessage] };
}

async function writePassword(folder: string, file: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(file, text, { mode: 0o600 });
  // The mode above applies only to a new file.
  await chmod(file, 0o600);
}
