import type { FastifyBaseLogger } from 'fastify';

/** Structured log: pino in the server, whatever is quiet in a test. */
export type Log = Pick<FastifyBaseLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;
