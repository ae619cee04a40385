import { Types } from 'mongoose';
import type { ReminderDoc } from '#server/models/accounts/reminder.ts';
import { toReminder } from '#server/models/accounts/reminder.ts';
import type { Models } from '#server/models/models.ts';
import type { Audience } from '../audience.ts';

interface ReminderPushDeps {
  audience: Audience;
  models: Pick<Models, 'reminders'>;
}

/** Pushes reminders to the connections of their users. */
export function createReminderPushes({ audience, models }: ReminderPushDeps) {
  function pushChange(doc: ReminderDoc): void {
    const userId = doc.userId.toHexString();
    if (audience.hasUser(userId)) audience.pushToUser(userId, 'reminderChanged', toReminder(doc));
  }

  return {
    pushChange,
    /**
     * Pushes what has changed since then for the users who are connected here, after changes that the feed has lost.
     * Rejects where the database cannot answer.
     */
    async pushSince(since: Date): Promise<void> {
      const userId = { $in: audience.userIds().map((id) => Types.ObjectId.createFromHexString(id)) };
      const changed = models.reminders.find({ userId, version: { $gte: since.getTime() } });
      for (const doc of await changed.lean<ReminderDoc[]>()) pushChange(doc);
    },
  };
}
