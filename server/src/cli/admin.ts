// The process of `npm run admin`: grants an account the role of an admin, or revokes it.
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { Role } from '#shared/account.ts';
import { findAccount, setRole } from '#server/accounts/roles.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import { shownEmail } from '#server/models/accounts/shown-email.ts';
import type { Models } from '#server/models/models.ts';
import { toPrintable, runProgram, CliError, withDatabase } from './cli.ts';

const USAGE = `Usage: npm run admin -- grant EMAIL [--yes]
       npm run admin -- revoke EMAIL [--yes]

Makes the account with this address an admin, or an ordinary user again. Shows the account and asks for
confirmation; --yes skips the question.`;

interface RoleChange {
  email: string;
  role: Role;
  yes: boolean;
}

function readRoleChange(args: string[]): RoleChange {
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

async function changeRole(models: Models, change: RoleChange): Promise<string> {
  const user = await findAccount(models, change.email);
  if (!user) throw new CliError(`There is no account with the address ${change.email}: register it first.`);
  if (user.role === change.role)
    return `${shownEmail(user.email)} is ${roleName(change.role)} already. Nothing was changed.`;
  console.log(describeAccount(user, new Date()));
  if (!change.yes && !(await confirmed(`Make ${shownEmail(user.email)} ${roleName(change.role)}?`)))
    return 'Nothing was changed.';
  const changed = await setRole(models, user, change.role, { at: new Date(), allowsUnverified: true });
  if (!changed.ok) throw new CliError(`${shownEmail(user.email)} was not changed: ${changed.error.message}`);
  return `${shownEmail(user.email)} is ${roleName(change.role)} now.`;
}

function roleName(role: Role): string {
  return role === 'admin' ? 'an admin' : 'a user';
}

const UNVERIFIED = 'The address is NOT verified: whoever registered it has not shown that its mail reaches them.';

/** Name, age and verification of the account, by which a stranger who registered an expected address is noticed. */
function describeAccount(user: UserDoc, now: Date): string {
  const name = JSON.stringify(toPrintable(user.name));
  const account = `${name} <${shownEmail(user.email)}>, registered ${ageOf(user.createdAt, now)} ago (${user.createdAt.toISOString()})`;
  return user.verified ? account : `${account}\n${UNVERIFIED}`;
}

function ageOf(since: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - since.getTime()) / 60_000));
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 1_440)} days`;
}

async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CliError('There is no terminal to ask for confirmation: add --yes.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

await runProgram(async (args) => {
  const change = readRoleChange(args);
  console.log(await withDatabase('npm run admin', (_, models) => changeRole(models, change)));
  return 0;
});
