import { redirect } from '@sveltejs/kit';
import type { Actions } from './$types';
import { pathAfterSignIn } from '#lib/i18n/links.ts';
import { sendForm } from '#lib/server/page-forms.ts';

export const actions = {
  default: async (event) => {
    const { failure } = await sendForm(event, '/auth/login', ['email', 'password']);
    return failure ?? redirect(303, pathAfterSignIn(event.url));
  },
} satisfies Actions;
