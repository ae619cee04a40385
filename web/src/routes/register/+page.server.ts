import { redirect } from '@sveltejs/kit';
import type { Actions } from './$types';
import { pathAfterSignIn } from '#lib/i18n/links.ts';
import { getLocale } from '#lib/paraglide/runtime.js';
import { sendForm } from '#lib/server/page-forms.ts';

const FIELDS = ['name', 'email', 'password'];

export const actions = {
  default: async (event) => {
    const { failure } = await sendForm(event, '/auth/register', FIELDS, { locale: getLocale() });
    return failure ?? redirect(303, pathAfterSignIn(event.url));
  },
} satisfies Actions;
