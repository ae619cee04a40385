import type { FastifyBaseLogger } from 'fastify';

/** A structured log: pino in the server, a silent one in tests. */
export type Log = Pick<FastifyBaseLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;
