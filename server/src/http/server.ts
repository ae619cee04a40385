import fastifyCookie from '@fastify/cookie';
import fastifyJwt from '@fastify/jwt';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Fastify, { LogController } from 'fastify';
import type { Accounts } from '#server/accounts/accounts.ts';
import type { Sessions } from '#server/accounts/sessions.ts';
import { jwtOptions } from '#server/accounts/tokens.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { Attendees } from '#server/events/attendees.ts';
import type { Models } from '#server/models/models.ts';
import type { ReturnPage } from '#server/payments/return-page.ts';
import type { Webhooks } from '#server/payments/webhooks.ts';
import { UnreadableBody } from './answer.ts';
import type { AccountRoutes } from './routes/account.ts';
import { mountAccount } from './routes/account.ts';
import { onError, onNotFound } from './errors.ts';
import type { DemoPaymentDeps } from './routes/demo-payment.ts';
import { mountDemoPayment } from './routes/demo-payment.ts';
import { mountAttendees } from './routes/attendees.ts';
import { mountEvents } from './routes/events.ts';
import type { HealthChecks } from './routes/health.ts';
import { mountHealth } from './routes/health.ts';
import { createIdentify } from './identity.ts';
import { guardOrigins } from './origin.ts';
import type { Metrics } from '#server/metrics/metrics.ts';
import { mountMetrics } from '#server/metrics/metrics.ts';
import type { PageHandler } from './pages/pages.ts';
import { mountPages } from './pages/pages.ts';
import type { PushRoutes } from './routes/push.ts';
import { mountPush } from './routes/push.ts';
import { createRateLimits, limitReads } from './rate-limit.ts';
import { mountSchema } from './routes/schema.ts';
import { mountSession } from './routes/session.ts';
import type { SiteConfig } from './pages/site.ts';
import { mountSite } from './pages/site.ts';
import type { TicketRoutes } from './routes/tickets.ts';
import { mountTickets } from './routes/tickets.ts';
import { mountCheckoutOutcome, mountWebhooks } from './routes/webhooks.ts';

const BODY_LIMIT_BYTES = 64 * 1024;
/** To send a whole request. */
const REQUEST_TIMEOUT_MS = 30_000;
/** To be answered: above what a full line of password hashes takes. */
const HANDLER_TIMEOUT_MS = 20_000;
/** How long requests in work may go on once the server closes. */
const CLOSE_GRACE_MS = 3_000;

/**
 * Fastify with everything but the routes: reading of bodies and cookies, signing of tokens (`app.jwt`), errors, log.
 * The routes follow with `mountRoutes`, once there are sessions that use those tokens.
 */
export async function createHttpServer(deps: {
  config: Pick<Config, 'trustProxy'>;
  tokenSecret: string;
  log: FastifyBaseLogger;
}): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: deps.config.trustProxy.length > 0 ? [...deps.config.trustProxy] : false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // An address that cannot be decoded reaches no route.
    frameworkErrors: (error, request, reply) =>
      void onError(error, request as FastifyRequest, reply.headers(GUARDS) as FastifyReply),
  });
  app.setErrorHandler(onError);
  app.setNotFoundHandler(onNotFound);
  readJsonOnly(app);
  guardAnswers(app);
  logAnswers(app);
  closeSoon(app);
  await app.register(fastifyCookie);
  await app.register(fastifyJwt, jwtOptions(deps.tokenSecret));
  return app;
}

export interface RouteDeps
  extends
    Pick<AccountRoutes, 'recovery' | 'closeAccount' | 'exportOf'>,
    Pick<PushRoutes, 'vapid' | 'subscriptions'>,
    Pick<TicketRoutes, 'ticketOf' | 'origin'> {
  config: Pick<Config, 'publicUrl' | 'corsOrigins' | 'rateLimits'> & SiteConfig;
  models: Models;
  accounts: Accounts;
  sessions: Sessions;
  attendees: Attendees;
  healthChecks: HealthChecks;
  metrics: Pick<Metrics, 'text' | 'contentType'>;
  payments: {
    webhooks: Pick<Webhooks, 'receive'>;
    returnPage: ReturnPage;
    demo: Pick<DemoPaymentDeps, 'testCards'>;
  };
  /** The built web app, or null where there is none. */
  pages: PageHandler | null;
  now: Now;
}

/** Every route of the server, on one screen. */
export function mountRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { config, models, accounts, sessions, recovery, closeAccount, exportOf, vapid, subscriptions } = deps;
  const { ticketOf, origin, attendees, payments, healthChecks, metrics, pages, now } = deps;
  const identify = createIdentify(sessions);
  const limits = createRateLimits({ config, now });
  app.register(
    async (api) => {
      api.addHook('onRoute', (route) => void (route.handlerTimeout ??= HANDLER_TIMEOUT_MS));
      guardOrigins(api, config);
      limitReads(api, limits);
      mountHealth(api, healthChecks);
      mountSession(api, { config, accounts, sessions, identify, limits });
      mountAccount(api, { config, recovery, closeAccount, exportOf, identify, limits });
      mountSite(api, config);
      mountPush(api, { vapid, subscriptions, identify });
      mountTickets(api, { models, ticketOf, origin, identify, now });
      mountEvents(api, { models, identify, now });
      mountAttendees(api, { attendees, identify });
      mountWebhooks(api, payments.webhooks);
      mountCheckoutOutcome(api, payments.returnPage);
      mountSchema(api);
      api.all('/*', onNotFound);
    },
    { prefix: '/api' },
  );
  mountDemoPayment(app, { models, testCards: payments.demo.testCards });
  mountMetrics(app, metrics);
  mountPages(app, { config, handler: pages });
}

/**
 * JSON is the only body we read; an empty one is no body, so that a bare POST to log out is fine. What cannot be read is
 * handed on as such: a route looks at it after the session and whoever sends it, as at any other wrong input.
 */
function readJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') return done(null, undefined);
    return void parse(request, body, (error, value) => done(null, error ? new UnreadableBody(error.message) : value));
  });
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body: string, done) =>
    done(null, body === '' ? undefined : new UnreadableBody('Send application/json')),
  );
}

/** One line an answer: the route's pattern, never its values; no headers, no bodies. */
function logAnswers(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const ms = Math.round(reply.elapsedTime);
    request.log.debug({ method, route: routeOptions.url, status: reply.statusCode, ms }, 'answered');
  });
}

/** A client that reads slowly must not hold up the end. */
function closeSoon(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS).unref();
  });
}

/** What we answer ourselves is data: not cached, not guessed at, not shown in a frame. Pages bring their own headers. */
const GUARDS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()',
};

function guardAnswers(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => void reply.headers(GUARDS));
}
