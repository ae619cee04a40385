import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isTransient } from '#server/mongo/transient.ts';
import { defectRefusal, refuse } from '#shared/protocol/errors.ts';
import { answerRefusal, unreadableRefusal } from './answer.ts';

const UNAVAILABLE_RETRY_MS = 1_000;

/** The only error handler of HTTP: turns what was thrown into a refusal and logs the cause of a defect. */
export function onError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isUnreadable(error)) return answerRefusal(reply, unreadableRefusal(error.message).error);
  if (isTransient(error) || error.code === 'FST_ERR_HANDLER_TIMEOUT') {
    request.log.warn({ err: error }, 'The database cannot answer now: the request is refused as UNAVAILABLE');
    return answerRefusal(reply, refuse('UNAVAILABLE', { retryAfterMs: UNAVAILABLE_RETRY_MS }).error);
  }
  const incident = randomUUID();
  request.log.error({ err: error, incident }, 'A request failed because of a defect');
  return answerRefusal(reply, defectRefusal(incident).error);
}

/** Answers requests without a matching route and method. */
export function onNotFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answerRefusal(reply, refuse('NOT_FOUND').error);
}

/** Whether Fastify could not read the request: too large, incomplete, a malformed URL. */
function isUnreadable(error: FastifyError): boolean {
  return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
}
