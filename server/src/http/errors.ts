import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { CommitTimeout } from '#server/mongo/transaction.ts';
import { isUnavailable } from '#server/mongo/unavailable.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal, refuseUnreadable } from './answer.ts';

const UNAVAILABLE_RETRY_MS = 1_000;

/** The one catch of HTTP: what was thrown becomes a refusal, and a defect's cause stays in the log. */
export function onError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isUnreadable(error)) return answerRefusal(reply, refuseUnreadable(error.message).error);
  if (isPassing(error)) {
    request.log.warn({ err: error }, 'The database cannot answer now');
    return answerRefusal(reply, refuse('UNAVAILABLE', { retryAfterMs: UNAVAILABLE_RETRY_MS }).error);
  }
  const incident = randomUUID();
  request.log.error({ err: error, incident }, 'A request failed by a defect');
  return answerRefusal(reply, refuse('INTERNAL', { message: `Something went wrong on our side (${incident}).` }).error);
}

/** No such route, or not with this method. */
export function onNotFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answerRefusal(reply, refuse('NOT_FOUND').error);
}

/** The database cannot commit or answer in time. */
function isPassing(error: FastifyError): boolean {
  return isUnavailable(error) || error instanceof CommitTimeout || error.code === 'FST_ERR_HANDLER_TIMEOUT';
}

/** Fastify could not read what was sent: too large, cut short, a broken address. */
function isUnreadable(error: FastifyError): boolean {
  return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
}
