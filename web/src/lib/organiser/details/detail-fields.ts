import type { Event, EventChanges } from '#shared/event.ts';
import { parseWholeNumber } from '#lib/format/whole-number.ts';
import { isVisible } from '#shared/text/visible.ts';

/** The texts of a form about finding an event, and about what to know before one goes. The doors are a time of its own. */
export interface DetailFields {
  category: string;
  /** Separated by commas. */
  tags: string;
  city: string;
  address: string;
  minAge: string;
  accessInfo: string;
  seating: string;
}

export const NO_DETAILS: DetailFields = {
  category: '',
  tags: '',
  city: '',
  address: '',
  minAge: '',
  accessInfo: '',
  seating: '',
};

/** The fields of an event's details. */
export function detailFieldsOf(event: Event): DetailFields {
  return {
    category: event.category ?? '',
    tags: event.tags.join(', '),
    city: event.city ?? '',
    address: event.address ?? '',
    minAge: event.minAge === null ? '' : String(event.minAge),
    accessInfo: event.accessInfo ?? '',
    seating: event.seating ?? '',
  };
}

type DetailSettings = Required<Pick<EventChanges, keyof DetailFields>>;

/** The details as they are sent: null where a field is empty. `issues` has `minAge` if that is no number. */
export function parseDetails(fields: DetailFields): { details: DetailSettings; issues: { minAge?: 'number' } } {
  const tags = fields.tags.split(',').map((tag) => tag.trim());
  const minAge = fields.minAge.trim() === '' ? null : parseWholeNumber(fields.minAge);
  const details = {
    category: textOrNull(fields.category),
    tags: tags.filter(isVisible),
    city: textOrNull(fields.city),
    address: textOrNull(fields.address),
    minAge,
    accessInfo: textOrNull(fields.accessInfo),
    seating: textOrNull(fields.seating),
  };
  const isNumber = minAge !== null || fields.minAge.trim() === '';
  return { details, issues: isNumber ? {} : { minAge: 'number' } };
}

function textOrNull(text: string): string | null {
  const trimmed = text.trim();
  return isVisible(trimmed) ? trimmed : null;
}
