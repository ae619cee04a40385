import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';

/** Fastify announces each instance on this channel before any of its routes is mounted. */
const CREATED = 'fastify.initialization';

/**
 * Starts a server and returns its routes, like "GET /api/events". Fastify's own `onRoute` hook records them, so that
 * none is missing. "ALL" is a route for every method; the HEAD route that Fastify adds to each GET is left out.
 */
export async function withRoutes<T>(start: () => Promise<T>): Promise<{ started: T; routes: string[] }> {
  const routes: string[] = [];
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
      const methods = [method].flat();
      const isAll = methods.length === fastify.supportedMethods.length;
      for (const name of isAll ? ['ALL'] : methods) if (name !== 'HEAD') routes.push(`${name} ${url}`);
    });
  };
  subscribe(CREATED, watch);
  try {
    return { started: await start(), routes };
  } finally {
    unsubscribe(CREATED, watch);
  }
}
