// The process behind `npm run admin`: gives an account the role of an admin, or takes it away.
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { Role } from '#shared/account.ts';
import { findAccount, setRole } from './accounts/roles.ts';
import type { Config } from './config.ts';
import { ConfigError, readConfig, readEnvironment } from './config.ts';
import type { UserDoc } from './models/account.ts';
import type { Models } from './models/models.ts';
import { createModels, prepareDatabase } from './models/models.ts';
import { connectMongo, UnsuitableDatabase } from './mongo/connect.ts';
import { DataDirInUseError } from './mongo/embedded-owner.ts';
import { findRunning, startEmbedded } from './mongo/embedded.ts';

const USAGE = `Usage: npm run admin -- grant EMAIL [--yes]
       npm run admin -- revoke EMAIL [--yes]

Makes the account with this address an admin, or takes that away again. Shows the account first and asks;
--yes does not ask.`;

/** Ends the program with this sentence. */
class Stop extends Error {}

interface Order {
  email: string;
  role: Role;
  yes: boolean;
}

function readOrder(args: string[]): Order {
  const { values, positionals } = parse(args);
  const [verb, email, ...more] = positionals;
  const role = verb === 'grant' ? 'admin' : verb === 'revoke' ? 'user' : null;
  if (!role || !email || more.length > 0) throw new Stop(USAGE);
  return { email, role, yes: values.yes };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { yes: { type: 'boolean', default: false } } });
  } catch (cause) {
    throw new Stop(USAGE, { cause });
  }
}

/** The database that the server uses: an outside one, that of a running server, or its files started for the moment. */
async function openDatabase(config: Config): Promise<{ uri: string; stop(): Promise<void> }> {
  if (config.mongoUri) return { uri: config.mongoUri, stop: () => Promise.resolve() };
  if (!config.mongodBinary) throw new Stop('Start this with "npm run admin": it finds the MongoDB to use.');
  const log = { info: () => undefined, error: (message: string) => console.error(message) };
  try {
    return await startEmbedded({ dataDir: config.dataDir, binary: config.mongodBinary, log });
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error;
    const uri = await findRunning(config.dataDir);
    if (!uri) throw new Stop('The server is just starting; try again in a moment.', { cause: error });
    return { uri, stop: () => Promise.resolve() };
  }
}

async function carryOut(models: Models, order: Order): Promise<string> {
  const user = await findAccount(models, order.email);
  if (!user) throw new Stop(`There is no account with the address ${order.email}: register it first.`);
  if (user.role === order.role) return `${user.email} is ${nameOf(order.role)} already. Nothing was changed.`;
  console.log(describe(user, new Date()));
  if (!order.yes && !(await confirmed(`Make ${user.email} ${nameOf(order.role)}?`))) return 'Nothing was changed.';
  const changed = await setRole(models, user, order.role);
  if (!changed.ok) throw new Stop(`${user.email} stays as it is: ${changed.error.message}`);
  return `${user.email} is ${nameOf(order.role)} now.`;
}

function nameOf(role: Role): string {
  return role === 'admin' ? 'an admin' : 'a user';
}

/** Enough to notice a stranger who registered an expected address: who it is and since when. */
function describe(user: UserDoc, now: Date): string {
  // A name is a stranger's text: nothing in it may steer the terminal.
  const name = JSON.stringify(user.name.replace(/\p{C}/gu, '?'));
  return `${name} <${user.email}>, registered ${ageOf(user.createdAt, now)} ago (${user.createdAt.toISOString()})`;
}

function ageOf(since: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - since.getTime()) / 60_000));
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 1_440)} days`;
}

async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Stop('Nobody is there to be asked: add --yes.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

async function run(args: string[]): Promise<string> {
  const order = readOrder(args);
  const database = await openDatabase(readConfig(readEnvironment(process.cwd())));
  try {
    const connection = await connectMongo(database.uri);
    try {
      const models = createModels(connection);
      await prepareDatabase(connection, models);
      return await carryOut(models, order);
    } finally {
      await connection.close();
    }
  } finally {
    await database.stop();
  }
}

try {
  console.log(await run(process.argv.slice(2)));
} catch (error) {
  const expected = error instanceof Stop || error instanceof ConfigError || error instanceof UnsuitableDatabase;
  console.error(expected ? error.message : error);
  process.exitCode = 1;
}
