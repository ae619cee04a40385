import { createSignedIds } from '#server/accounts/recovery/signed-ids.ts';

const PURPOSE = 'frontrow end of reminders 1';

export type ReminderLinks = ReturnType<typeof createReminderLinks>;

/** The keys of links that end all reminders of one user without a session, and allow nothing else. */
export function createReminderLinks(secret: string) {
  const { sign, idOf } = createSignedIds(secret, PURPOSE);
  /** `userOf`: the user's id, null for a text without a valid signature. */
  return { keyOf: sign, userOf: idOf };
}
