import type { PageLoad } from './$types';
import { fetchOutcome } from '#lib/checkouts-api.ts';

export const load: PageLoad = async ({ fetch, url }) => {
  const token = url.searchParams.get('token') ?? '';
  return { token, outcome: await fetchOutcome(fetch, token) };
};
