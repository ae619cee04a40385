import { createSignInCodes } from '#server/accounts/code/sign-in-codes.ts';
import type { loadKeys } from '#server/accounts/keys.ts';
import { createAccountLinks } from '#server/accounts/recovery/account-links.ts';
import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import { createPushSubscriptions } from '#server/push/subscriptions.ts';
import { createReminderLinks } from '#server/reminders/reminder-links.ts';
import { createReminderSweep } from '#server/reminders/reminder-sweep.ts';
import { createReminders } from '#server/reminders/reminders.ts';

interface ContactsOptions {
  models: Models;
  keys: Pick<Awaited<ReturnType<typeof loadKeys>>, 'deviceSecret'>;
  withTransaction: WithTransaction;
  /** Wakes the job runners after a job was added. */
  wake(): void;
  now: Now;
  monotonic: () => number;
}

/** What users are reached by, and asked to be: mailed links and codes, push subscriptions, reminders. */
export function composeContacts({ models, keys, withTransaction, wake, now, monotonic }: ContactsOptions) {
  return {
    links: createAccountLinks({ models, now }),
    codes: createSignInCodes({ models, secret: keys.deviceSecret, now }),
    subscriptions: createPushSubscriptions({ models, now }),
    reminders: createReminders({ models, now }),
    reminderLinks: createReminderLinks(keys.deviceSecret),
    reminderSweep: createReminderSweep({ models, withTransaction, now, monotonic, wake }),
  };
}

export type Contacts = ReturnType<typeof composeContacts>;
