import type { EventFields } from '#lib/organiser/event-form.ts';
import { partsOf, typeOf, type EventGroup, type FieldPath, type TypeGroup } from '#lib/organiser/field-paths.ts';
import { m } from '#lib/paraglide/messages.js';
import { typeName } from '../ticket-types/type-words.ts';

const EVENT_WORDS: Record<EventGroup, () => string> = {
  title: m.organiser_field_title,
  venue: m.organiser_field_venue,
  description: m.organiser_field_description,
  timeZone: m.organiser_field_time_zone,
  startsAt: m.organiser_field_starts,
  endsAt: m.organiser_field_ends,
  doorsAt: m.details_doors,
  salesOpenAt: m.organiser_field_sales_open,
  salesCloseAt: m.organiser_field_sales_close,
  totalSeats: m.organiser_field_seats,
  taxRate: m.organiser_field_tax,
  maxSeatsPerBooking: m.organiser_field_max_booking,
  maxSeatsPerUser: m.organiser_field_max_user,
  holdMinutes: m.organiser_field_hold,
  cancelBeforeHours: m.organiser_field_cancel,
  category: m.details_category,
  tags: m.details_tags,
  city: m.details_city,
  organiser: m.details_organiser,
  address: m.details_address,
  minAge: m.details_min_age,
  accessInfo: m.details_access,
  seating: m.details_seating,
};

const TYPE_WORDS: Record<TypeGroup, () => string> = {
  name: m.types_name,
  description: m.types_description,
  price: m.types_price,
  seats: m.types_seats,
  limit: m.types_limit,
  salesFrom: m.types_sales_from,
  salesUntil: m.types_sales_until,
  minPerBooking: m.types_min,
  maxPerBooking: m.types_max,
  isHidden: m.types_hidden,
  isArchived: m.types_archived,
};

/**
 * The label of a field, without "(optional)"; of a field of a ticket type with the type's name before it, from the first
 * of `versions` that has the type.
 */
export function fieldWords(path: FieldPath, versions: readonly EventFields[]): string {
  const { key, group } = partsOf(path);
  if (key === null) return withoutOptional(EVENT_WORDS[group]());
  const fields = versions.find((one) => typeOf(one, key) !== undefined);
  if (fields?.hasTypeList === false && group === 'price') return m.organiser_field_price();
  const name = typeName((fields && typeOf(fields, key)) ?? { name: '' });
  return m.types_field({ name, field: withoutOptional(TYPE_WORDS[group]()) });
}

function withoutOptional(label: string): string {
  return label.replace(/ \([^)]*\)$/, '');
}
