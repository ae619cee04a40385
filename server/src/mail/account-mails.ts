import { z } from 'zod';
import type { Links } from '#server/accounts/recovery/account-links.ts';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { LinkKind } from '#server/models/accounts/account-link.ts';
import type { Models } from '#server/models/models.ts';
import type { Mail } from './mail.ts';
import { button, text } from './mail.ts';
import { pathOf } from './page-path.ts';
import type { Post } from './notifier.ts';
import type { Speaker } from './texts/translator.ts';

const order = z.object({ link: z.enum(['reset', 'verify']), userId: z.string().nullable(), fact: z.string() });

export interface AccountMailOptions {
  models: Pick<Models, 'users'>;
  post: Post;
  links: Pick<Links, 'make'>;
  origin: () => string;
}

/** Mails a link to an account's address. The token is made when the mail is: nothing that opens an account is stored. */
export function accountMailJob({ models, post, links, origin }: AccountMailOptions): JobHandler {
  return async (payload, run) => {
    const { link, userId, fact } = order.parse(payload);
    const user = userId && (await models.users.findById(userId).lean<UserDoc>());
    if (!user || (link === 'verify' && user.verified)) return;
    const compose = async (speaks: Speaker) =>
      linkMail(link, origin() + pathOf(link, await links.make(user._id, link), speaks.locale), speaks);
    await post.tell([{ fact, reader: user, compose }], run);
  };
}

function linkMail(link: LinkKind, url: string, { say }: Speaker): Mail {
  return {
    subject: say(`${link}.subject`),
    blocks: [text(say(`${link}.body`)), button(say(`${link}.button`), url), text(say(`${link}.note`))],
  };
}
