import type { Actions } from './$types';
import { sendForm } from '#lib/server/page-forms.ts';

export const actions = {
  default: async (event) => {
    const token = event.url.searchParams.get('token') ?? '';
    const { failure } = await sendForm(event, '/auth/verify', [], { token });
    return failure ?? { isDone: true };
  },
} satisfies Actions;
