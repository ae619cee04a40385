import type { Migration } from './migration.ts';
import { firstNumbered } from './steps/001-first-numbered.ts';
import { ticketTypes } from './steps/002-ticket-types.ts';
import { cancelledParts } from './steps/003-cancelled-parts.ts';

/** Every migration, in order. The last one's version is the version of what this program stores. */
export const MIGRATIONS: readonly Migration[] = [firstNumbered, ticketTypes, cancelledParts];
