import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';

/** Fastify announces each instance on this channel before any of its routes is mounted. */
const CREATED = 'fastify.initialization';

/**
 * Starts a server and gives its routes, as "GET /api/events", each as it was mounted: noted by Fastify's own `onRoute`
 * hook, so that none is forgotten. "ALL" is a route for every method; the HEAD that comes with each GET is left out.
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
