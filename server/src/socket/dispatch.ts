import type { z } from 'zod';
import type { Role } from '#shared/account.ts';
import type { ErrorCode, Result } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { inputIssues } from '#shared/protocol/input-issues.ts';
import type { Log } from '../log.ts';
import type { Caller, CommandTable, RateClass } from './command-definition.ts';
import type { Connection } from './connection/connection.ts';
import { isTransient } from './transient.ts';
import type { SocketRateLimits } from './rate-limit.ts';
import type { InFlightCommand } from './in-flight-commands.ts';
import { createInFlightCommands } from './in-flight-commands.ts';

/** Every command is answered within ten seconds: half a second is left for the sweep and the wire. */
const DEADLINE_MS = 9_500;
const SWEEP_MS = 250;
const RETRY_AFTER_MS = 1_000;
/** An outage fails every command: one line a second says so. */
const OUTAGE_LOG_MS = 1_000;

export interface DispatchDeps {
  commands: CommandTable;
  limits: SocketRateLimits;
  /** The role in the database now; `null` when the account is gone. */
  readRole(userId: string): Promise<Role | null>;
  /** Reads the session of a connection that seems to have expired; true when it was renewed meanwhile. */
  isRenewed(connection: Connection): Promise<boolean>;
  /** Told of every answer, for metrics. Unknown commands are named `unknown`. */
  answered(command: string, outcome: ErrorCode | 'ok', elapsedMs: number): void;
  now: () => Date;
  monotonic: () => number;
  incidentId: () => string;
  log: Log;
}

/** A row of the command table as the dispatcher sees it: only its own schema knows the type of its input. */
interface Runnable {
  access: 'all' | 'user' | 'admin';
  input: z.ZodType;
  rate: RateClass;
  run(input: unknown, caller: Caller): Promise<Result<unknown>>;
}

export type Dispatch = ReturnType<typeof createDispatch>;

/**
 * The one way of every command: acknowledgement asked for? session, role, rate, input, run, acknowledge, log.
 * Answers each command exactly once, within ten seconds, and never throws.
 */
export function createDispatch(deps: DispatchDeps) {
  const commands = new Map<unknown, Runnable>(Object.entries(deps.commands));
  const works = createInFlightCommands();
  const sweep = setInterval(() => answerLate(DEADLINE_MS), SWEEP_MS).unref();
  let closing = false;
  let outageLoggedMs = -Infinity;

  /** `packet` is what the client sent: a name, arguments, and the acknowledgement where it asked for one. */
  function receive(connection: Connection, packet: readonly unknown[]): void {
    const acknowledge = packet.at(-1);
    if (typeof acknowledge !== 'function') return ignore(connection, packet[0]);
    const entry = commands.get(packet[0]);
    const work: InFlightCommand = {
      connection,
      command: entry ? String(packet[0]) : 'unknown',
      startedMs: deps.monotonic(),
      acknowledge: acknowledge as InFlightCommand['acknowledge'],
      answered: false,
    };
    works.add(work);
    void carryOut(work, entry, packet.slice(1, -1));
  }

  async function carryOut(work: InFlightCommand, entry: Runnable | undefined, args: readonly unknown[]): Promise<void> {
    try {
      answer(work, await outcome(work.connection, entry, args));
    } catch (error) {
      answer(work, failure(work, error));
    }
  }

  async function outcome(connection: Connection, entry: Runnable | undefined, args: readonly unknown[]) {
    if (closing) return refuse('UNAVAILABLE', { message: 'The server is closing.', retryAfterMs: RETRY_AFTER_MS });
    if (!mayAsk(connection, entry) || !(await stands(connection))) return refuse('UNAUTHENTICATED');
    const retryAfterMs = deps.limits.admitCommand(connection, entry?.rate ?? 'read');
    let { caller } = connection;
    if (entry?.access === 'admin' && caller.kind === 'user') {
      // Beyond its rate the last known role has to do, so that a flood costs no reads.
      const role = retryAfterMs > 0 ? caller.role : await deps.readRole(caller.userId);
      if (role !== 'admin') return refuse(role === null ? 'UNAUTHENTICATED' : 'FORBIDDEN');
      caller = { ...caller, role };
    }
    if (retryAfterMs > 0) return refuse('RATE_LIMITED', { retryAfterMs });
    return entry ? run(entry, args, caller) : refuse('NOT_FOUND', { message: 'There is no such command.' });
  }

  async function stands(connection: Connection): Promise<boolean> {
    if (connection.ended) return false;
    return connection.expiresAtMs > deps.now().getTime() || deps.isRenewed(connection);
  }

  function answer(work: InFlightCommand, reply: Result<unknown>): void {
    if (work.answered) return;
    work.acknowledge(reply);
    works.finish(work);
    deps.answered(work.command, reply.ok ? 'ok' : reply.error.code, deps.monotonic() - work.startedMs);
  }

  function failure(work: InFlightCommand, error: unknown): Result<never> {
    if (isTransient(error)) {
      logOutage(error);
      return refuse('UNAVAILABLE', { retryAfterMs: RETRY_AFTER_MS });
    }
    const incident = deps.incidentId();
    deps.log.error({ incident, command: work.command, userId: work.connection.userId, err: error }, 'A command failed');
    return refuse('INTERNAL', { message: `Something went wrong on our side (incident ${incident}).` });
  }

  function logOutage(error: unknown): void {
    if (deps.monotonic() - outageLoggedMs < OUTAGE_LOG_MS) return;
    outageLoggedMs = deps.monotonic();
    deps.log.warn({ err: error }, 'The database cannot answer: commands are refused as UNAVAILABLE');
  }

  function answerLate(lateMs: number): void {
    const late = works.startedBy(deps.monotonic() - lateMs);
    if (late.length === 0) return;
    deps.log.warn({ commands: late.length, oldest: late[0]?.command }, 'Commands took too long: answered UNAVAILABLE');
    for (const work of late) answer(work, refuse('UNAVAILABLE', { retryAfterMs: RETRY_AFTER_MS }));
  }

  function ignore(connection: Connection, command: unknown): void {
    deps.limits.admitCommand(connection, 'read');
    if (connection.warned) return;
    connection.warned = true;
    const shown = typeof command === 'string' ? command.slice(0, 80) : typeof command;
    deps.log.warn({ command: shown, userId: connection.userId }, 'Ignored a command without an acknowledgement');
  }

  return {
    receive,
    /** How many commands are in work. */
    get inFlight(): number {
      return works.size;
    },
    /** Takes no new commands (they are answered UNAVAILABLE) and resolves when those in work are answered. */
    async drain(withinMs: number): Promise<void> {
      closing = true;
      await works.drained(withinMs);
      answerLate(0);
      clearInterval(sweep);
    },
  };
}

/** A guest has only the public commands; what nobody knows is not one of them. */
function mayAsk({ caller }: Connection, entry: Runnable | undefined): boolean {
  return caller.kind === 'user' || entry?.access === 'all';
}

async function run(entry: Runnable, args: readonly unknown[], caller: Caller): Promise<Result<unknown>> {
  if (args.length > 1) {
    const issue = { path: [], code: 'too_many_arguments', message: 'A command takes one input and an acknowledgement' };
    return refuse('INVALID_INPUT', { issues: [issue] });
  }
  const parsed = entry.input.safeParse(args[0]);
  if (!parsed.success) return refuse('INVALID_INPUT', { issues: inputIssues(parsed.error) });
  return entry.run(parsed.data, caller);
}
