import { redirect } from '@sveltejs/kit';
import type { Actions } from './$types';
import { pathAfterSignIn } from '#lib/i18n/links.ts';
import { getLocale } from '#lib/paraglide/runtime.js';
import { enterCodeForm, requestCodeForm } from '#lib/server/code-forms.ts';
import { sendForm } from '#lib/server/page-forms.ts';

export const actions = {
  code: (event) => requestCodeForm(event, getLocale()),
  verify: enterCodeForm,
  password: async (event) => {
    const { failure } = await sendForm(event, '/auth/register', ['name', 'email', 'password'], { locale: getLocale() });
    return failure ?? redirect(303, pathAfterSignIn(event.url));
  },
} satisfies Actions;
