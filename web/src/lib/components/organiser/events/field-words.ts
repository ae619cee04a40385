import type { FieldGroup } from '#lib/organiser/event-draft.svelte.ts';
import { m } from '#lib/paraglide/messages.js';

const WORDS: Record<FieldGroup, () => string> = {
  title: m.organiser_field_title,
  venue: m.organiser_field_venue,
  description: m.organiser_field_description,
  timeZone: m.organiser_field_time_zone,
  startsAt: m.organiser_field_starts,
  endsAt: m.organiser_field_ends,
  salesOpenAt: m.organiser_field_sales_open,
  salesCloseAt: m.organiser_field_sales_close,
  totalSeats: m.organiser_field_seats,
  price: m.organiser_field_price,
  maxSeatsPerBooking: m.organiser_field_max_booking,
  maxSeatsPerUser: m.organiser_field_max_user,
  holdMinutes: m.organiser_field_hold,
  cancelBeforeHours: m.organiser_field_cancel,
};

/** The label of a field, without "(optional)". */
export function fieldWords(group: FieldGroup): string {
  return WORDS[group]().replace(/ \([^)]*\)$/, '');
}
