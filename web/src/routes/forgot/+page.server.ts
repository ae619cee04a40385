import type { Actions } from './$types';
import { sendForm } from '#lib/server/page-forms.ts';

export const actions = {
  default: async (event) => {
    const { failure, values } = await sendForm(event, '/auth/forgot', ['email']);
    return failure ?? { sentTo: values.email ?? '' };
  },
} satisfies Actions;
