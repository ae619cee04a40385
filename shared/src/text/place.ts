/** A document of an earlier version has neither address nor city. */
interface Place {
  venue: string;
  address?: string | null;
  city?: string | null;
}

/** Where an event is, in one line: the venue, its address, and the city unless one of them names it. */
export function placeOf({ venue, address, city }: Place): string {
  const place = address ? `${venue}, ${address}` : venue;
  return !city || names(place, city) ? place : `${place}, ${city}`;
}

function names(place: string, city: string): boolean {
  return place.toLowerCase().includes(city.toLowerCase());
}
