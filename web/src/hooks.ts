import type { Reroute } from '@sveltejs/kit/hooks';
import { plainPath } from '#lib/i18n/links.ts';

/** Routes know no language: "/de/events/1" is the route of "/events/1". */
export const reroute: Reroute = ({ url }) => plainPath(url);
