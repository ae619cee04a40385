import type { FastifyInstance, HTTPMethods } from 'fastify';

export interface RouteRow {
  method: HTTPMethods;
  path: string;
}

/** How far the next level stands in the printed tree. */
const INDENT = 4;

/** Every route of the API that was mounted, read from the router itself, so that none is forgotten. */
export function routesOf(http: FastifyInstance): RouteRow[] {
  const above: string[] = [];
  const rows: RouteRow[] = [];
  for (const line of http.printRoutes({ commonPrefix: false }).split('\n')) {
    const found = /^([│├└─\s]*)(\S+)(?: \(([^)]*)\))?$/.exec(line);
    if (!found) continue;
    const [, lead = '', part = '', methods = ''] = found;
    const depth = Math.round(lead.length / INDENT) - 1;
    above.splice(depth, Infinity, part);
    const path = above.join('');
    for (const method of methods.split(', ').filter((name) => name !== '' && name !== 'HEAD')) {
      rows.push({ method: method as HTTPMethods, path });
    }
  }
  return rows.filter(({ path }) => path.startsWith('/api/') && !path.includes('*'));
}
