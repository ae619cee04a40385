import fastifyCookie from '@fastify/cookie';
import fastifyJwt from '@fastify/jwt';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Fastify, { LogController } from 'fastify';
import { jwtOptions } from '#server/accounts/tokens.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { Attendees } from '#server/events/attendees.ts';
import type { EventReads } from '#server/events/reads.ts';
import type { Vouchers } from '#server/events/vouchers/vouchers.ts';
import type { Models } from '#server/models/models.ts';
import type { Metrics } from '#server/metrics/metrics.ts';
import type { ReturnPage } from '#server/payments/return-page.ts';
import type { Receipts } from '#server/receipts/receipts.ts';
import type { Webhooks } from '#server/payments/webhooks.ts';
import { UnreadableBody } from './answer.ts';
import { onError, onNotFound } from './errors.ts';
import { createIdentify } from './identity.ts';
import { limitBodyTimes } from './images/body-deadline.ts';
import type { ImageRoutes } from './images/image-routes.ts';
import { mountImages, UPLOAD_MS } from './images/image-routes.ts';
import type { MetricsRoute } from './metrics-route.ts';
import { mountMetrics } from './metrics-route.ts';
import { guardOrigins } from './origin.ts';
import { requireHttps, warnOfUntrustedProxy } from './proxy.ts';
import { createRateLimits, limitReads } from './rate-limit.ts';
import type { PageHandler } from './pages/page-handler.ts';
import { mountPages } from './pages/pages.ts';
import type { SiteConfig } from './pages/site.ts';
import { mountSite } from './pages/site.ts';
import type { AccountRoutes } from './routes/account/account.ts';
import { mountAccount } from './routes/account/account.ts';
import { mountAttendees } from './routes/csv/attendees.ts';
import type { BookingRoutes } from './routes/bookings.ts';
import { mountBookings } from './routes/bookings.ts';
import { mountCheckoutOutcome } from './routes/checkout-outcome.ts';
import type { DemoPaymentDeps } from './routes/demo-payment.ts';
import { mountDemoPayment } from './routes/demo-payment.ts';
import { mountEvents } from './routes/events.ts';
import type { HealthChecks } from './routes/health.ts';
import { mountFeeds } from './routes/feeds/feeds.ts';
import { mountHealth } from './routes/health.ts';
import type { ReceiptRoutes } from './routes/receipts/receipts.ts';
import { mountReceipts } from './routes/receipts/receipts.ts';
import { mountReceiptsFile } from './routes/csv/receipts.ts';
import type { PushRoutes } from './routes/push.ts';
import { mountPush } from './routes/push.ts';
import type { ReminderRoutes } from './routes/reminders.ts';
import { mountReminders } from './routes/reminders.ts';
import { mountSchema } from './routes/schema.ts';
import type { SignInRoutes } from './routes/account/sign-ins.ts';
import { mountSignIns } from './routes/account/sign-ins.ts';
import type { TicketParts } from './routes/tickets/all-tickets.ts';
import { mountAllTickets } from './routes/tickets/all-tickets.ts';
import { mountVouchers } from './routes/csv/vouchers.ts';
import { mountWebhooks } from './routes/webhooks.ts';

const BODY_LIMIT_BYTES = 64 * 1024;
/** How long a client may take to send the body of a request other than a picture. */
const BODY_MS = 30_000;
/** How long a route may take to answer: longer than a full queue of password hashes. */
const HANDLER_TIMEOUT_MS = 20_000;
/** How long open requests may continue after the server starts to close. */
const CLOSE_GRACE_MS = 3_000;

/**
 * Fastify without routes: body and cookie parsing, token signing (`app.jwt`), error handling and logging. `mountRoutes`
 * adds the routes later, because sessions need `app.jwt` first.
 */
export async function createHttpServer(deps: {
  config: Pick<Config, 'trustProxy' | 'publicUrl'>;
  tokenSecret: string;
  observeRequest: Metrics['observeRequest'];
  log: FastifyBaseLogger;
}): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: deps.config.trustProxy.length > 0 ? [...deps.config.trustProxy] : false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: UPLOAD_MS,
    forceCloseConnections: 'idle',
    // A malformed URL reaches no route and no hook.
    frameworkErrors: (error, request, reply) =>
      void onError(error, request as FastifyRequest, reply.headers(API_HEADERS) as FastifyReply),
  });
  app.setErrorHandler(onError);
  app.setNotFoundHandler(onNotFound);
  warnOfUntrustedProxy(app, deps.config, deps.log);
  requireHttps(app, deps.config);
  readJsonOnly(app);
  setApiHeaders(app);
  noteAnswers(app, deps.observeRequest);
  limitBodyTimes(app, BODY_MS);
  cutSlowConnections(app);
  await app.register(fastifyCookie);
  await app.register(fastifyJwt, jwtOptions(deps.tokenSecret));
  return app;
}

interface RouteDeps
  extends
    Pick<AccountRoutes, 'recovery' | 'closeAccount' | 'exportOf'>,
    Pick<BookingRoutes, 'book'>,
    Pick<ImageRoutes, 'images'>,
    Pick<PushRoutes, 'vapid' | 'subscriptions'>,
    Pick<ReminderRoutes, 'reminders' | 'reminderLinks'>,
    Pick<SignInRoutes, 'accounts' | 'codeSignIn' | 'passkeys' | 'provisionalAccounts' | 'sessions' | 'knownDevices'> {
  config: Pick<Config, 'publicUrl' | 'corsOrigins' | 'rateLimits' | 'metricsToken'> & SiteConfig;
  models: Models;
  eventReads: EventReads;
  attendees: Attendees;
  vouchers: Vouchers;
  tickets: TicketParts & {
    receipts: Pick<ReceiptRoutes, 'printReceipt'> & { receipts: Receipts };
  };
  /** The public address of the site. */
  origin: () => string;
  healthChecks: HealthChecks;
  metrics: MetricsRoute['metrics'];
  payments: {
    webhooks: Pick<Webhooks, 'receive'>;
    returnPage: ReturnPage;
    demo: Pick<DemoPaymentDeps, 'testCards'>;
  };
  /** The built web app, or null if there is none. */
  pages: PageHandler | null;
  now: Now;
}

/** Mounts every route of the server. */
export function mountRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { config, models, accounts, codeSignIn, sessions, knownDevices, recovery, closeAccount, exportOf } = deps;
  const { passkeys, provisionalAccounts, vapid, subscriptions, images, tickets, reminders, reminderLinks, origin } =
    deps;
  const { book, eventReads, attendees, vouchers, payments, healthChecks, metrics, pages, now } = deps;
  const identify = createIdentify(sessions);
  const limits = createRateLimits({ config, now });
  app.register(
    async (api) => {
      api.addHook('onRoute', (route) => void (route.handlerTimeout ??= HANDLER_TIMEOUT_MS));
      guardOrigins(api, config);
      limitReads(api, limits);
      mountHealth(api, healthChecks);
      mountSignIns(api, {
        config,
        accounts,
        codeSignIn,
        passkeys,
        provisionalAccounts,
        sessions,
        knownDevices,
        identify,
        limits,
      });
      mountAccount(api, { config, recovery, knownDevices, closeAccount, exportOf, identify, limits });
      mountSite(api, config);
      mountPush(api, { vapid, subscriptions, identify });
      mountBookings(api, { book, identify, limits });
      mountReminders(api, { reminders, reminderLinks, identify, limits });
      mountAllTickets(api, { models, tickets, identify, limits, origin, now });
      const { receipts, printReceipt } = tickets.receipts;
      mountReceipts(api, { models, receipts, printReceipt, identify, limits });
      mountReceiptsFile(api, { receipts, identify });
      mountEvents(api, { eventReads, identify });
      mountImages(api, { images, identify, limits });
      mountAttendees(api, { attendees, identify });
      mountVouchers(api, { vouchers, identify });
      mountWebhooks(api, payments.webhooks);
      mountCheckoutOutcome(api, payments.returnPage);
      mountSchema(api);
      api.all('/*', onNotFound);
    },
    { prefix: '/api' },
  );
  void app.register(async (feeds) => {
    limitReads(feeds, limits);
    mountFeeds(feeds, { eventReads, siteName: config.siteName, origin });
  });
  mountDemoPayment(app, { models, testCards: payments.demo.testCards, now });
  mountMetrics(app, { config, metrics });
  mountPages(app, { config, handler: pages });
}

/**
 * Reads JSON bodies only; an empty body counts as none, so that logging out needs no body. An unreadable body becomes an
 * `UnreadableBody`, which routes refuse like other invalid input: after session and role.
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

/** Measures and logs each answer, pages included: the route's pattern without its values, no headers, no bodies. */
function noteAnswers(app: FastifyInstance, observeRequest: Metrics['observeRequest']): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    observeRequest(routeOptions.url ?? 'none', reply.raw.statusCode, reply.elapsedTime);
    const ms = Math.round(reply.elapsedTime);
    request.log.debug({ method, route: routeOptions.url, status: reply.statusCode, ms }, 'Request answered');
  });
}

/** Cuts connections that are still open after the grace time: slow clients must not delay the shutdown. */
function cutSlowConnections(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS).unref();
  });
}

/** Headers of API answers, which are data: no caching, no sniffing, no framing. Pages set their own headers. */
const API_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()',
};

function setApiHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => void reply.headers(API_HEADERS));
}
