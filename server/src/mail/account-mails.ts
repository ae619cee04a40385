import { z } from 'zod';
import type { AccountLinks } from '#server/accounts/recovery/account-links.ts';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { LinkKind } from '#server/models/accounts/account-link.ts';
import type { Models } from '#server/models/models.ts';
import type { Mail } from './mail.ts';
import { button, text } from './mail.ts';
import { pagePath } from './page-path.ts';
import type { Notifier } from './sending/notifier.ts';
import type { Translator } from './texts/translator.ts';

const payloadSchema = z.object({ link: z.enum(['reset', 'verify']), userId: z.string().nullable(), fact: z.string() });

export interface AccountMailOptions {
  models: Pick<Models, 'users'>;
  notifier: Notifier;
  links: Pick<AccountLinks, 'create'>;
  origin: () => string;
}

/** Mails a link to the address of an account. The token is made with the mail, so no job holds a token that works. */
export function createAccountMailJob({ models, notifier, links, origin }: AccountMailOptions): JobHandler {
  return async (payload, run) => {
    const { link, userId, fact } = payloadSchema.parse(payload);
    const user = userId && (await models.users.findById(userId).lean<UserDoc>());
    if (!user || (link === 'verify' && user.verified)) return;
    const compose = async (translator: Translator) =>
      linkMail(link, origin() + pagePath(link, await links.create(user._id, link), translator.locale), translator);
    await notifier.notify([{ fact, recipient: user, compose }], run);
  };
}

function linkMail(link: LinkKind, url: string, { say }: Translator): Mail {
  return {
    subject: say(`${link}.subject`),
    blocks: [text(say(`${link}.body`)), button(say(`${link}.button`), url), text(say(`${link}.note`))],
  };
}
