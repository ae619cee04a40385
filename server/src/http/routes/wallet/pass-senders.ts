import type { FastifyReply } from 'fastify';
import type { AppleWallet } from '#server/wallet/apple/apple-wallet.ts';
import type { GoogleWallet } from '#server/wallet/google/google-wallet.ts';
import type { PassSubject } from '#server/wallet/pass-subjects.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { answerRefusal } from '../../answer.ts';

const PASS_TYPE = 'application/vnd.apple.pkpass';

/** One way to hand a pass out; `path` is the end of its address. */
export interface PassSender {
  path: string;
  send(reply: FastifyReply, subject: PassSubject): Promise<FastifyReply>;
}

interface PassMakers {
  apple: Pick<AppleWallet, 'fileOf' | 'lastModified'> | null;
  google: Pick<GoogleWallet, 'linkOf'> | null;
}

/** The ways that this server has the keys for. `INVALID_STATE` for a ticket that is not valid. */
export function createPassSenders({ apple, google }: PassMakers): PassSender[] {
  return [
    ...(apple
      ? [
          {
            path: 'ticket.pkpass',
            send: (reply: FastifyReply, subject: PassSubject) =>
              subject.ticket === null ? notValid(reply, subject) : sendPassFile(reply, subject, apple),
          },
        ]
      : []),
    ...(google
      ? [
          {
            path: 'google-wallet',
            async send(reply: FastifyReply, subject: PassSubject) {
              const url = await google.linkOf(subject);
              return url === null
                ? notValid(reply, subject)
                : reply.header('x-robots-tag', 'noindex').redirect(url, 303);
            },
          },
        ]
      : []),
  ];
}

/** Answers with the file of a pass, valid or not; `BUSY` while too many are made. */
export async function sendPassFile(
  reply: FastifyReply,
  subject: PassSubject,
  apple: Pick<AppleWallet, 'fileOf' | 'lastModified'>,
): Promise<FastifyReply> {
  const file = await apple.fileOf(subject);
  if (!file) return answerRefusal(reply, refuse('BUSY', { retryAfterMs: 5_000 }).error);
  return reply
    .type(PASS_TYPE)
    .header('content-disposition', `attachment; filename="ticket-${subject.serial}.pkpass"`)
    .header('last-modified', apple.lastModified(subject).toUTCString())
    .header('x-robots-tag', 'noindex')
    .send(file);
}

async function notValid(reply: FastifyReply, { booking, personal, event }: PassSubject): Promise<FastifyReply> {
  const status = event.status === 'cancelled' ? 'cancelled' : (personal?.status ?? booking.status);
  return answerRefusal(reply, refuse('INVALID_STATE', { details: { status } }).error);
}
