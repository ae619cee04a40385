import type { FastifyInstance } from 'fastify';
import type { ReminderLinks } from '#server/reminders/reminder-links.ts';
import type { Reminders } from '#server/reminders/reminders.ts';
import { reminderInput } from '#shared/events/reminder.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answer, answerRefusal, parseInput } from '../answer.ts';
import type { Identify } from '../identity.ts';
import { requireSession } from '../identity.ts';
import type { RateLimits } from '../rate-limit.ts';

export interface ReminderRoutes {
  reminders: Pick<Reminders, 'remind' | 'forget' | 'forgetAll'>;
  reminderLinks: Pick<ReminderLinks, 'userOf'>;
  identify: Identify;
  limits: Pick<RateLimits, 'bookings'>;
}

/** The address of the mailed link, with its key. */
const END = '/reminders/end/:key';

/**
 * Reminders, for pages whose scripts do not run, and the end of all of an account by the link in a mail: a mail program
 * sends a POST request with a form's body, without cookies (RFC 8058). Opening the link ends nothing, because programs
 * that examine mails open all links.
 */
export function mountReminders(
  api: FastifyInstance,
  { reminders, reminderLinks, identify, limits }: ReminderRoutes,
): void {
  const { remind, forget } = reminders;
  for (const [path, act] of Object.entries({ '/reminders': remind, '/reminders/forget': forget }))
    api.post(
      path,
      { onRequest: limits.bookings },
      requireSession(identify, async ({ user }, request, reply) => {
        const input = parseInput(reminderInput, request.body);
        if (!input.ok) return answerRefusal(reply, input.error);
        return answer(reply, await act(input.data, user._id.toHexString()));
      }),
    );
  api.post<{ Params: { key: string } }>(END, async ({ params }, reply) => {
    const userId = reminderLinks.userOf(params.key);
    if (userId === null) return answerRefusal(reply, refuse('NOT_FOUND').error);
    await reminders.forgetAll(userId);
    return reply.status(204).send();
  });
  api.get<{ Params: { key: string } }>(END, async ({ params: { key } }, reply) =>
    reminderLinks.userOf(key) === null
      ? answerRefusal(reply, refuse('NOT_FOUND').error)
      : reply.redirect(`/reminders/${key}`, 303),
  );
}
