import { z } from 'zod';
import type { SignInCodes } from '#server/accounts/code/sign-in-codes.ts';
import type { AccountLinks } from '#server/accounts/recovery/account-links.ts';
import { NOTICE_MS, noteNotice } from '#server/accounts/unused-accounts.ts';
import type { Now } from '#server/clock.ts';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { LinkKind } from '#server/models/accounts/account-link.ts';
import type { Models } from '#server/models/models.ts';
import type { Mail } from './mail.ts';
import { button, code, text } from './mail.ts';
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

const codePayload = z.object({ addressKey: z.string(), requestId: z.string() });

export interface CodeMailOptions {
  models: Pick<Models, 'users'>;
  notifier: Notifier;
  codes: Pick<SignInCodes, 'mailedCode' | 'counts'>;
}

/** Mails a code, unless it was used, has expired or was replaced by a newer one. The address may have no account yet. */
export function createCodeMailJob({ models, notifier, codes }: CodeMailOptions): JobHandler {
  return async (payload, run) => {
    const reference = codePayload.parse(payload);
    const mailed = await codes.mailedCode(reference);
    if (!mailed) return;
    const { email, locale } = mailed;
    const user = await models.users.findOne({ email }).lean<UserDoc>();
    // Again at its turn: mails wait for the pace of the mail server.
    let isStillValid = false;
    const compose = async (translator: Translator) => {
      isStillValid = (await codes.mailedCode(reference)) !== null;
      return isStillValid ? codeMail(mailed.code, translator) : null;
    };
    const recipient = { name: user?.name ?? '', email, locale };
    await notifier.notify([{ fact: `code:${reference.requestId}`, recipient, compose }], run);
    if (isStillValid) codes.counts.mailed += 1;
  };
}

function codeMail(digits: string, { say }: Translator): Mail {
  return {
    subject: say('code.subject', { code: digits }),
    blocks: [text(say('code.body')), code(digits), text(say('code.note'))],
  };
}

const passkeyPayload = z.object({
  userId: z.string(),
  fact: z.string(),
  change: z.enum(['added', 'removed']),
  device: z.string(),
  at: z.date(),
});

/** Mails the owner of an account that a passkey was added or removed, so that a stranger's is noticed. */
export function createPasskeyMailJob({ models, notifier, origin }: Omit<AccountMailOptions, 'links'>): JobHandler {
  return async (payload, run) => {
    const { userId, fact, ...change } = passkeyPayload.parse(payload);
    const user = await models.users.findById(userId).lean<UserDoc>();
    if (!user) return;
    const compose = (translator: Translator) =>
      passkeyMail(change, origin() + pagePath('account', '', translator.locale), translator);
    await notifier.notify([{ fact, recipient: user, compose }], run);
  };
}

function passkeyMail(
  { change, device, at }: { change: 'added' | 'removed'; device: string; at: Date },
  url: string,
  { say, time }: Translator,
): Mail {
  const values = { device: device === '' ? say('passkey.device.unknown') : device, time: time(at, 'UTC') };
  return {
    subject: say(`passkey.${change}.subject`),
    blocks: [
      text(say(`passkey.${change}.body`, values)),
      text(say('passkey.note')),
      button(say('passkey.button'), url),
    ],
  };
}

const unusedPayload = z.object({ userId: z.string(), lastUsedAt: z.date() });

interface UnusedAccountMailOptions extends Omit<AccountMailOptions, 'links'> {
  now: Now;
}

/** Announces that an account which is not used will be closed, and stores when it did. */
export function createUnusedAccountMailJob({ models, notifier, origin, now }: UnusedAccountMailOptions): JobHandler {
  return async (payload, run) => {
    const { userId, lastUsedAt } = unusedPayload.parse(payload);
    const user = await models.users.findById(userId).lean<UserDoc>();
    if (user?.lastUsedAt?.getTime() !== lastUsedAt.getTime()) return;
    const fact = `unused:${userId}:${lastUsedAt.getTime()}`;
    const until = new Date(now().getTime() + NOTICE_MS);
    const compose = (translator: Translator) =>
      unusedMail(until, origin() + pagePath('login', '', translator.locale), translator);
    await notifier.notify([{ fact, recipient: user, compose }], run);
    await noteNotice(models, user, now());
  };
}

function unusedMail(until: Date, url: string, { say, time }: Translator): Mail {
  return {
    subject: say('unused.subject'),
    blocks: [
      text(say('unused.body', { until: time(until, 'UTC') })),
      button(say('unused.button'), url),
      text(say('unused.note')),
    ],
  };
}

function linkMail(link: LinkKind, url: string, { say }: Translator): Mail {
  return {
    subject: say(`${link}.subject`),
    blocks: [text(say(`${link}.body`)), button(say(`${link}.button`), url), text(say(`${link}.note`))],
  };
}
