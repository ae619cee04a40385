import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { StripeFailing, type Answer } from './answer.ts';
import { createBooks, type Books, type Session } from './books.ts';
import { createFaults, type Fault } from './faults.ts';
import { readForm, textAt, type Form } from './form.ts';
import { createIdempotency } from './idempotency.ts';
import { createWebhooks } from './webhooks.ts';

export const SECRET_KEY = 'sk_test_standin';

/** A request as received. */
export interface Recorded {
  method: string;
  /** Path and query. */
  url: string;
  /** Method and path, with `:id` instead of an id. */
  route: string;
  form: Form;
  body: string;
  headers: IncomingMessage['headers'];
}

interface Call extends Recorded {
  id: string;
  query: URLSearchParams;
}

const ID = /\/((?:cs|re)_[^/]+)/;

/** A webhook endpoint as Stripe lists it. */
interface ListedEndpoint {
  url: string;
  status: 'enabled' | 'disabled';
  enabled_events: string[];
}

/**
 * The part of Stripe that Frontrow uses, in this process: checkouts, refunds and webhooks, with Stripe's rules for
 * parameters and idempotency keys. The test plays buyers and banks (`books`), and plans faults (`plan`).
 */
export async function startStandIn({ now = () => new Date() }: { now?: () => Date } = {}) {
  const webhooks = createWebhooks({ now });
  const faults = createFaults();
  const idempotency = createIdempotency();
  const requests: Recorded[] = [];
  /** Null: the key may not read them. */
  let endpoints: ListedEndpoint[] | null = [];
  const books = createBooks({ now, page: () => url, emit: webhooks.emit });
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request);
    requests.push(call);
    const fault = faults.take(call);
    if (fault?.kind === 'silence' || fault?.kind === 'reset') {
      if (fault.reached) await answerTo(call, undefined);
      if (fault.kind === 'reset') request.socket.resetAndDestroy();
      return;
    }
    const answer = fault?.kind === 'tooMany' ? faults.tooMany : await answerTo(call, fault);
    if (fault?.kind === 'late') await fault.until;
    response.writeHead(answer.status, { 'content-type': 'application/json', 'request-id': 'req_1', ...answer.headers });
    response.end(JSON.stringify(answer.body));
  }

  async function answerTo(call: Call, fault: Fault | undefined): Promise<Answer> {
    try {
      if (call.headers.authorization !== `Bearer ${SECRET_KEY}`)
        throw new StripeFailing(401, { type: 'invalid_request_error', message: 'Invalid API Key provided' }, false);
      const respond = () => faults.befall(fault, () => ({ status: 200, body: carryOut(books, call, endpoints) }));
      if (!call.route.startsWith('POST')) return await respond();
      return await idempotency.once(call.headers['idempotency-key'] as string, `${call.url} ${call.body}`, respond);
    } catch (error) {
      if (error instanceof StripeFailing) return error.answer;
      throw error;
    }
  }

  async function close(): Promise<void> {
    webhooks.sendTo(null);
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  const { plan, forget: forgetPlans } = faults;
  return {
    url,
    books,
    webhooks,
    requests,
    plan,
    forgetPlans,
    forgetKeys: idempotency.forget,
    listEndpoints: (listed: ListedEndpoint[] | null) => void (endpoints = listed),
    close,
  };
}

export type StandIn = Awaited<ReturnType<typeof startStandIn>>;

async function readCall(request: IncomingMessage): Promise<Call> {
  const { method = 'GET', url = '/', headers } = request;
  const { pathname, searchParams: query } = new URL(url, 'http://stand-in');
  const body = await text(request);
  const id = ID.exec(pathname)?.[1] ?? '';
  const route = `${method} ${pathname.replace(ID, '/:id')}`;
  return { method, url, route, id, query, body, headers, form: readForm(body) };
}

function carryOut(books: Books, { route, id, form, query }: Call, endpoints: ListedEndpoint[] | null): object {
  switch (route) {
    case 'GET /v1/checkout/sessions':
      return { object: 'list', has_more: false, data: [] };
    case 'GET /v1/webhook_endpoints':
      return listedEndpoints(endpoints);
    case 'POST /v1/checkout/sessions':
      return { ...books.open(form) };
    case 'GET /v1/checkout/sessions/:id':
      return expanded(books, books.session(id), query.get('expand[0]'));
    case 'POST /v1/checkout/sessions/:id/expire':
      return expanded(books, books.expire(id), textAt(form, 'expand', '0'));
    case 'POST /v1/refunds':
      return { ...books.refund(form) };
    case 'GET /v1/refunds/:id':
      return { ...books.refundCalled(id) };
    case 'GET /v1/refunds':
      return listed(books.refunds, query);
    case 'GET /v1/disputes':
      return listed(books.disputes, query);
    default:
      throw new StripeFailing(404, { type: 'invalid_request_error', message: `Unrecognized request URL (${route})` });
  }
}

function listedEndpoints(endpoints: ListedEndpoint[] | null): object {
  if (endpoints === null)
    throw new StripeFailing(403, { type: 'invalid_request_error', message: 'The key lacks a permission' }, false);
  const data = endpoints.map((endpoint, index) => ({ id: `we_${index}`, object: 'webhook_endpoint', ...endpoint }));
  return { object: 'list', has_more: false, data };
}

/** A page of Stripe's, the newest first. */
function listed(
  all: ReadonlyMap<string, { id: string; payment_intent: string; created: number }>,
  query: URLSearchParams,
) {
  const [charge, since] = [query.get('payment_intent'), Number(query.get('created[gte]') ?? 0)];
  const found = [...all.values()]
    .reverse()
    .filter((one) => (charge === null || one.payment_intent === charge) && one.created >= since);
  const after = found.findIndex(({ id }) => id === query.get('starting_after')) + 1;
  const data = found.slice(after, after + Number(query.get('limit') ?? 10));
  return { object: 'list', has_more: after + data.length < found.length, data };
}

/** The session, with its payment if the request expands it. */
function expanded(books: Books, session: Session, expand: string | null | undefined): object {
  const payment = books.payments.get(session.payment_intent ?? '');
  return expand === 'payment_intent' && payment !== undefined
    ? { ...session, payment_intent: payment }
    : { ...session };
}
