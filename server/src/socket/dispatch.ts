import type { Role } from '#shared/account.ts';
import type { ErrorCode, Result } from '#shared/protocol/errors.ts';
import { defectRefusal, ok, refuse } from '#shared/protocol/errors.ts';
import { inputIssues } from '#shared/protocol/input-issues.ts';
import { provisionalRefusal } from '#server/accounts/provisional/provisional-refusal.ts';
import type { Log } from '#server/log.ts';
import type { AnyCommandDefinition, Caller, CommandTable } from './command-definition.ts';
import type { Connection } from './connection/connection.ts';
import type { InFlightCommand } from './in-flight-commands.ts';
import { createInFlightCommands } from './in-flight-commands.ts';
import { idsOf, idsWith } from './commands/logged-ids.ts';
import type { SocketRateLimits } from './rate-limit.ts';
import { isTransient } from '#server/mongo/transient.ts';
import type { Tracing } from '#server/tracing/tracing.ts';

/** The contract answers every command within ten seconds; half a second is left for the sweep and the wire. */
const DEADLINE_MS = 9_500;
const SWEEP_MS = 250;
const RETRY_AFTER_MS = 1_000;
/** An outage fails every command: it is logged once in this time. */
const OUTAGE_LOG_MS = 1_000;

export interface DispatchDeps {
  commands: CommandTable;
  limits: SocketRateLimits;
  /** The role in the database now; `null` when the account is gone. */
  readRole(userId: string): Promise<Role | null>;
  /** Whether a connection's session, expired as far as this process knows, was renewed; reads its record. */
  isRenewed(connection: Connection): Promise<boolean>;
  /** Called once for each answer, for metrics. Unknown commands are named `unknown`. */
  observeCommand(name: string, outcome: ErrorCode | 'ok', elapsedMs: number): void;
  tracing: Pick<Tracing, 'follow' | 'answered'> | null;
  /** Whether each answer has a line in the log. */
  logsAnswers: boolean;
  now: () => Date;
  monotonic: () => number;
  incidentId: () => string;
  log: Log;
}

/**
 * The path of every command (PROTOCOL.md, "Replies"): acknowledgement requested? session, role, rate, input, run,
 * acknowledge, log. Answers each command exactly once, within ten seconds, and never throws.
 */
export function createDispatch(deps: DispatchDeps) {
  const { limits, readRole, isRenewed, observeCommand, tracing, logsAnswers, now, monotonic, incidentId, log } = deps;
  const definitions = new Map<unknown, AnyCommandDefinition>(Object.entries(deps.commands));
  const inFlight = createInFlightCommands();
  const sweep = setInterval(() => answerLate(DEADLINE_MS), SWEEP_MS).unref();
  let closing = false;
  let outageLoggedMs = -Infinity;

  /**
   * The refusal of a command whose event's queue is full, before its input is looked at: over capacity a command must
   * cost nearly nothing. Null if the command takes the whole path.
   */
  function shed(connection: Connection, name: string, eventId: string): Result<never> | null {
    const { caller } = connection;
    const definition = definitions.get(name);
    if (!definition?.queues || caller.kind !== 'user' || !definition.queues.isFull(eventId, caller.userId)) return null;
    if (closing || connection.hasEnded || connection.expiresAtMs <= now().getTime()) return null;
    const retryAfterMs = limits.admitCommand(connection, definition.rate);
    const error =
      retryAfterMs > 0
        ? refuse('RATE_LIMITED', { retryAfterMs }).error
        : definition.queues.busyRefusal(eventId, caller.userId);
    observeCommand(name, error.code, 0);
    return { ok: false, error };
  }

  /** Takes a packet as the client sent it: a name, arguments, and last the acknowledgement if one was requested. */
  function receive(connection: Connection, packet: readonly unknown[]): void {
    const acknowledge = packet.at(-1);
    if (typeof acknowledge !== 'function') return ignore(connection, packet[0]);
    const definition = definitions.get(packet[0]);
    const command: InFlightCommand = {
      connection,
      name: definition ? String(packet[0]) : 'unknown',
      input: packet[1],
      startedMs: monotonic(),
      acknowledge: acknowledge as InFlightCommand['acknowledge'],
      isAnswered: false,
    };
    inFlight.add(command);
    const args = packet.slice(1, -1);
    if (tracing === null) void carryOut(command, definition, args);
    else void tracing.follow(command.name, idsOf(command.input), () => carryOut(command, definition, args));
  }

  /** Answers a command. The acknowledgement throws too, where a reply cannot be encoded. */
  async function carryOut(
    command: InFlightCommand,
    definition: AnyCommandDefinition | undefined,
    args: readonly unknown[],
  ): Promise<void> {
    try {
      answer(command, await replyTo(command.connection, definition, args));
    } catch (error) {
      answer(command, failureRefusal(command, error));
    }
  }

  /** Checks in the contract's order, so that a client learns of its session before it learns of its input. */
  async function replyTo(
    connection: Connection,
    definition: AnyCommandDefinition | undefined,
    args: readonly unknown[],
  ): Promise<Result<unknown>> {
    if (closing) return refuse('UNAVAILABLE', { message: 'The server is closing.', retryAfterMs: RETRY_AFTER_MS });
    if (!mayUse(connection.caller, definition) || !(await isSessionOpen(connection))) return refuse('UNAUTHENTICATED');
    const retryAfterMs = limits.admitCommand(connection, definition?.rate ?? 'read');
    if (!isAllowed(connection.caller, definition)) return { ok: false, error: provisionalRefusal() };
    const caller = await withPresentRole(connection.caller, definition, retryAfterMs > 0);
    if (!caller.ok) return caller;
    if (retryAfterMs > 0) return refuse('RATE_LIMITED', { retryAfterMs });
    if (!definition) return refuse('NOT_FOUND', { message: 'There is no such command.' });
    return parseAndRun(definition, args, caller.data);
  }

  async function isSessionOpen(connection: Connection): Promise<boolean> {
    if (connection.hasEnded) return false;
    return connection.expiresAtMs > now().getTime() || isRenewed(connection);
  }

  /** Confirms the role that an admin command needs, by the database; other commands keep their caller as it is. */
  async function withPresentRole(
    caller: Caller,
    definition: AnyCommandDefinition | undefined,
    isOverRate: boolean,
  ): Promise<Result<Caller>> {
    if (definition?.access !== 'admin' || caller.kind !== 'user') return ok(caller);
    // Over the rate, the last known role has to do: a flood must cost no reads.
    const role = isOverRate ? caller.role : await readRole(caller.userId);
    if (role === 'admin') return ok({ ...caller, role });
    return refuse(role === null ? 'UNAUTHENTICATED' : 'FORBIDDEN');
  }

  function answer(command: InFlightCommand, reply: Result<unknown>): void {
    if (command.isAnswered) return;
    command.acknowledge(reply);
    inFlight.remove(command);
    const outcome = reply.ok ? 'ok' : reply.error.code;
    const elapsedMs = monotonic() - command.startedMs;
    observeCommand(command.name, outcome, elapsedMs);
    tracing?.answered(outcome);
    if (logsAnswers) logAnswer(command, reply, outcome, elapsedMs);
  }

  function logAnswer(
    { name, input, connection }: InFlightCommand,
    reply: Result<unknown>,
    outcome: string,
    ms: number,
  ) {
    const { userId } = connection;
    const about = { command: name, outcome, ms: Math.round(ms), userId, ...idsWith(reply, name, input) };
    log.debug(about, 'Command answered');
  }

  /** What a client learns of an exception: to retry, or the id under which the log has the cause. */
  function failureRefusal({ name, input, connection }: InFlightCommand, error: unknown): Result<never> {
    if (isTransient(error)) {
      logOutage(error);
      return refuse('UNAVAILABLE', { retryAfterMs: RETRY_AFTER_MS });
    }
    const incident = incidentId();
    const about = { incident, command: name, userId: connection.userId, ...idsOf(input) };
    log.error({ ...about, err: error }, 'A command failed');
    return defectRefusal(incident);
  }

  function logOutage(error: unknown): void {
    if (monotonic() - outageLoggedMs < OUTAGE_LOG_MS) return;
    outageLoggedMs = monotonic();
    log.warn({ err: error }, 'The database cannot answer: commands are refused as UNAVAILABLE');
  }

  /** Refuses the commands that have run this long; what their handlers still do has no second answer. */
  function answerLate(olderThanMs: number): void {
    const late = inFlight.startedBy(monotonic() - olderThanMs);
    if (late.length === 0) return;
    log.warn({ commands: late.length, oldest: late[0]?.name }, 'Commands took too long: answered UNAVAILABLE');
    for (const command of late) answer(command, refuse('UNAVAILABLE', { retryAfterMs: RETRY_AFTER_MS }));
  }

  /** Drops a command whose sender expects no answer; it counts against the rate, and is logged once a connection. */
  function ignore(connection: Connection, name: unknown): void {
    limits.admitCommand(connection, 'read');
    if (connection.hasWarned) return;
    connection.hasWarned = true;
    const command = typeof name === 'string' ? name.slice(0, 80) : typeof name;
    log.warn({ command, userId: connection.userId }, 'Ignored a command without an acknowledgement');
  }

  return {
    receive,
    shed,
    /** The number of commands in flight. */
    get inFlight(): number {
      return inFlight.size;
    },
    /** Refuses new commands. Resolves when those in flight are answered, after `withinMs` by a refusal. */
    async drain(withinMs: number): Promise<void> {
      closing = true;
      await inFlight.drained(withinMs);
      answerLate(0);
      clearInterval(sweep);
    },
  };
}

/** Whether the caller may use the command: a signed-out visitor only a public one, which an unknown command is not. */
function mayUse(caller: Caller, definition: AnyCommandDefinition | undefined): boolean {
  return caller.kind === 'user' || definition?.access === 'all';
}

/** Whether the command is one that a provisional account may send, if the caller is one. */
function isAllowed(caller: Caller, definition: AnyCommandDefinition | undefined): boolean {
  if (caller.kind !== 'user' || !caller.isProvisional) return true;
  return definition?.access === 'all' || definition?.isForProvisional === true;
}

async function parseAndRun(
  definition: AnyCommandDefinition,
  args: readonly unknown[],
  caller: Caller,
): Promise<Result<unknown>> {
  if (args.length > 1) {
    const issue = { path: [], code: 'too_many_arguments', message: 'A command takes one input and an acknowledgement' };
    return refuse('INVALID_INPUT', { issues: [issue] });
  }
  const input = definition.input.safeParse(args[0]);
  if (!input.success) return refuse('INVALID_INPUT', { issues: inputIssues(input.error) });
  return definition.run(input.data, caller);
}
