import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { CommitTimeout } from '#server/mongo/transaction.ts';
import { isUnavailable } from '#server/mongo/unavailable.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal, unreadableRefusal } from './answer.ts';

const UNAVAILABLE_RETRY_MS = 1_000;

/** The only error handler of HTTP: turns what was thrown into a refusal and logs the cause of a defect. */
export function onError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isUnreadable(error)) return answerRefusal(reply, unreadableRefusal(error.message).error);
  if (isTransient(error)) {
    request.log.warn({ err: error }, 'The database cannot answer now: the request is refused as UNAVAILABLE');
    return answerRefusal(reply, refuse('UNAVAILABLE', { retryAfterMs: UNAVAILABLE_RETRY_MS }).error);
  }
  const incident = randomUUID();
  request.log.error({ err: error, incident }, 'A request failed because of a defect');
  return answerRefusal(reply, refuse('INTERNAL', { message: `Something went wrong on our side (${incident}).` }).error);
}

/** Answers requests without a matching route and method. */
export function onNotFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answerRefusal(reply, refuse('NOT_FOUND').error);
}

/** Whether the database could not commit or answer in time. */
function isTransient(error: FastifyError): boolean {
  return isUnavailable(error) || error instanceof CommitTimeout || error.code === 'FST_ERR_HANDLER_TIMEOUT';
}

/** Whether Fastify could not read the request: too large, incomplete, a malformed URL. */
function isUnreadable(error: FastifyError): boolean {
  return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
}
