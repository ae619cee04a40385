import { error } from '@sveltejs/kit';
import type { Actions } from './$types';
import { askApi, statusOf } from '#lib/server/page-forms.ts';

export const actions = {
  /** Ends all reminders of the account that the mailed link belongs to. */
  default: async (event) => {
    const reply = await askApi(event, `/reminders/end/${encodeURIComponent(event.params.key)}`, {});
    if (!reply.ok) error(statusOf(reply.error), reply.error.code);
    return { isEnded: true };
  },
} satisfies Actions;
