import type { Money } from '#shared/protocol/primitives.ts';
import type { FormSettings } from './event-form.ts';

/** What a new event is created from: the settings that are set, and one price or the types. */
export function newEventOf({ ticketTypes, hasTypeList, ...rest }: FormSettings) {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return { ...given, ...(hasTypeList ? { ticketTypes } : { price: priceOf({ ticketTypes }) }) };
}

/** The one price of an event without a list of types: that of its first. */
export function priceOf({ ticketTypes }: Pick<FormSettings, 'ticketTypes'>): Money | undefined {
  return ticketTypes[0]?.price;
}
