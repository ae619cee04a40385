import type { Event, EventChanges } from '#shared/event.ts';
import { parseWholeNumber } from '#lib/format/whole-number.ts';
import { isVisible } from '#shared/text/visible.ts';
import { parseTaxRate } from './tax-rate.ts';

/** The texts of a form about finding an event, what to know before one goes, and tax. The doors are a time of its own. */
export interface DetailFields {
  category: string;
  /** Separated by commas. */
  tags: string;
  city: string;
  organiser: string;
  address: string;
  minAge: string;
  accessInfo: string;
  seating: string;
  /** In per cent; empty without one. */
  taxRate: string;
}

export const NO_DETAILS: DetailFields = {
  category: '',
  tags: '',
  city: '',
  organiser: '',
  address: '',
  minAge: '',
  accessInfo: '',
  seating: '',
  taxRate: '',
};

/** The fields of an event's details. */
export function detailFieldsOf(event: Event): DetailFields {
  return {
    category: event.category ?? '',
    tags: event.tags.join(', '),
    city: event.city ?? '',
    organiser: event.organiser ?? '',
    address: event.address ?? '',
    minAge: event.minAge === null ? '' : String(event.minAge),
    accessInfo: event.accessInfo ?? '',
    seating: event.seating ?? '',
    taxRate: event.taxRate === null ? '' : String(event.taxRate),
  };
}

type DetailSettings = Required<Pick<EventChanges, keyof DetailFields>>;

interface DetailIssues {
  minAge?: 'number';
  taxRate?: 'tax_rate';
}

/** The details as they are sent: null where a field is empty. `issues` has the fields that are no numbers. */
export function parseDetails(fields: DetailFields): { details: DetailSettings; issues: DetailIssues } {
  const tags = fields.tags.split(',').map((tag) => tag.trim());
  const minAge = fields.minAge.trim() === '' ? null : parseWholeNumber(fields.minAge);
  const details = {
    category: textOrNull(fields.category),
    tags: tags.filter(isVisible),
    city: textOrNull(fields.city),
    organiser: textOrNull(fields.organiser),
    address: textOrNull(fields.address),
    minAge,
    accessInfo: textOrNull(fields.accessInfo),
    seating: textOrNull(fields.seating),
    taxRate: parseTaxRate(fields.taxRate),
  };
  const issues: DetailIssues = {};
  if (minAge === null && fields.minAge.trim() !== '') issues.minAge = 'number';
  if (details.taxRate === null && fields.taxRate.trim() !== '') issues.taxRate = 'tax_rate';
  return { details, issues };
}

function textOrNull(text: string): string | null {
  const trimmed = text.trim();
  return isVisible(trimmed) ? trimmed : null;
}
