import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Now } from '#server/clock.ts';
import type { DemoCheckoutDoc } from '#server/models/demo.ts';
import type { Models } from '#server/models/models.ts';
import type { TestCards } from '#server/payments/demo/test-cards.ts';
import { TEST_CARDS } from '#server/payments/demo/test-cards.ts';
import { pagePolicy, renderPage } from '#server/payments/demo/page.ts';
import { posterColors } from '#shared/poster/poster-colors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from '../answer.ts';

export interface DemoPaymentDeps {
  models: Pick<Models, 'demoCheckouts' | 'bookings'>;
  testCards: Pick<TestCards, 'pay'>;
  now: Now;
}

/** The font of the shop's pages, read when a buyer first needs it. */
const FONT = '@fontsource-variable/archivo/files/archivo-latin-standard-normal.woff2';
const YEAR = 'public, max-age=31536000, immutable';

interface Route {
  Params: { id: string };
}

/** The demo provider's payment page, as a real provider would host it: needs no session, only its secret URL. */
export function mountDemoPayment(app: FastifyInstance, { models, testCards, now }: DemoPaymentDeps): void {
  const find = (id: string) => models.demoCheckouts.findById(id).lean<DemoCheckoutDoc>().exec();

  async function show(reply: FastifyReply, checkout: DemoCheckoutDoc): Promise<FastifyReply> {
    const booking = await models.bookings.findById(checkout.bookingId).lean();
    const heldUntil = booking?.status === 'held' && !booking.settling ? booking.holdExpiresAt : null;
    const colors = posterColors(booking?.eventId.toHexString() ?? '');
    return reply
      .header('content-security-policy', pagePolicy(checkout.returnUrl, colors))
      .type('text/html; charset=utf-8')
      .send(renderPage({ checkout, colors, heldUntil, now: now() }));
  }

  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, new URLSearchParams(String(body))),
    );
    scope.get('/demo-payment/archivo.woff2', async (_request, reply) => {
      const font = await readFile(createRequire(import.meta.url).resolve(FONT));
      return reply.header('cache-control', YEAR).type('font/woff2').send(font);
    });
    scope.get<Route>('/demo-payment/:id', async ({ params }, reply) => {
      const checkout = await find(params.id);
      return checkout ? show(reply, checkout) : answerRefusal(reply, refuse('NOT_FOUND').error);
    });
    scope.post<Route>('/demo-payment/:id', async ({ params, body }, reply) => {
      const checkout = await find(params.id);
      if (!checkout) return answerRefusal(reply, refuse('NOT_FOUND').error);
      const card = body instanceof URLSearchParams ? body.get('card') : null;
      const outcome = Object.entries(TEST_CARDS).find(([number]) => number === card)?.[1];
      if (!outcome)
        return answerRefusal(reply, refuse('INVALID_INPUT', { message: 'There is no such test card.' }).error);
      const after = await testCards.pay(checkout, outcome);
      // A declined buyer can try again here. The silent card sends no webhook, so the buyer stays here too.
      const stays = after.status === 'open' || outcome === 'silent';
      return reply.redirect(stays ? `/demo-payment/${after._id}` : after.returnUrl, 303);
    });
  });
}
