import type { Reroute } from '@sveltejs/kit/hooks';
import { plainPath } from '#lib/i18n/links.ts';

/** Routes have no language prefix: "/de/events/1" is the route "/events/1". */
export const reroute: Reroute = ({ url }) => plainPath(url);
