// The process behind `npm run admin`: gives an account the role of an admin, or takes it away.
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { Role } from '#shared/account.ts';
import { findAccount, setRole } from '#server/accounts/roles.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { Models } from '#server/models/models.ts';
import { toPrintable, runProgram, CliError, withDatabase } from './cli.ts';

const USAGE = `Usage: npm run admin -- grant EMAIL [--yes]
       npm run admin -- revoke EMAIL [--yes]

Makes the account with this address an admin, or takes that away again. Shows the account first and asks;
--yes does not ask.`;

interface Order {
  email: string;
  role: Role;
  yes: boolean;
}

function readOrder(args: string[]): Order {
  const { values, positionals } = parse(args);
  const [verb, email, ...more] = positionals;
  const role = verb === 'grant' ? 'admin' : verb === 'revoke' ? 'user' : null;
  if (!role || !email || more.length > 0) throw new CliError(USAGE);
  return { email, role, yes: values.yes };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { yes: { type: 'boolean', default: false } } });
  } catch (cause) {
    throw new CliError(USAGE, { cause });
  }
}

async function carryOut(models: Models, order: Order): Promise<string> {
  const user = await findAccount(models, order.email);
  if (!user) throw new CliError(`There is no account with the address ${order.email}: register it first.`);
  if (user.role === order.role) return `${user.email} is ${nameOf(order.role)} already. Nothing was changed.`;
  console.log(describe(user, new Date()));
  if (!order.yes && !(await confirmed(`Make ${user.email} ${nameOf(order.role)}?`))) return 'Nothing was changed.';
  const changed = await setRole(models, user, order.role);
  if (!changed.ok) throw new CliError(`${user.email} stays as it is: ${changed.error.message}`);
  return `${user.email} is ${nameOf(order.role)} now.`;
}

function nameOf(role: Role): string {
  return role === 'admin' ? 'an admin' : 'a user';
}

/** Enough to notice a stranger who registered an expected address: who it is and since when. */
function describe(user: UserDoc, now: Date): string {
  const name = JSON.stringify(toPrintable(user.name));
  return `${name} <${user.email}>, registered ${ageOf(user.createdAt, now)} ago (${user.createdAt.toISOString()})`;
}

function ageOf(since: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - since.getTime()) / 60_000));
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 1_440)} days`;
}

async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CliError('Nobody is there to be asked: add --yes.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

await runProgram(async (args) => {
  const order = readOrder(args);
  console.log(await withDatabase('npm run admin', (_, models) => carryOut(models, order)));
  return 0;
});
