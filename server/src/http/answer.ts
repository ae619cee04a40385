import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ERROR_STATUS, ok, refuse } from '#shared/protocol/errors.ts';
import { jsonTextOf } from '#server/json-text.ts';
import { inputIssues } from '#shared/protocol/input-issues.ts';

/** Answers a success with its data, a refusal with `{ error }` and the HTTP status of its code. */
export function answer<T>(reply: FastifyReply, result: Result<T>, status = 200): FastifyReply {
  if (!result.ok) return answerRefusal(reply, result.error);
  const text = jsonTextOf(result.data);
  return text === null
    ? reply.status(status).send(result.data)
    : reply.status(status).type('application/json; charset=utf-8').send(text);
}

export function answerRefusal(reply: FastifyReply, error: Refusal): FastifyReply {
  if (error.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterMs / 1_000));
  return reply.status(ERROR_STATUS[error.code]).send({ error });
}

/** A request body that is not JSON. The message is for developers. */
export class UnreadableBody {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export function unreadableRefusal(message: string): { ok: false; error: Refusal } {
  return refuse('INVALID_INPUT', { issues: [{ path: [], code: 'unreadable', message }] });
}

/** The parsed input, or INVALID_INPUT with every violated rule. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): Result<z.output<S>> {
  if (input instanceof UnreadableBody) return unreadableRefusal(input.message);
  const parsed = schema.safeParse(input);
  return parsed.success ? ok(parsed.data) : refuse('INVALID_INPUT', { issues: inputIssues(parsed.error) });
}
