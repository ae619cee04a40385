import type { TextStorage } from '#lib/live/text-storage.ts';

interface MapLink {
  /** Its name, which is the same in all languages; null for the device's own app. */
  name: string | null;
  href: string;
}

/** The key under which the map that the reader followed last is kept on the device. */
const KEPT_KEY = 'frontrow.map';
/** The kept name of the device's own app. */
const APP = 'app';

/**
 * Maps that find a place by its words, the one with the kept name `first` before the others. Nothing is loaded from them
 * until the reader follows a link.
 */
export function mapLinks(place: string, first: string | null = null): MapLink[] {
  const query = encodeURIComponent(place);
  const links = [
    { name: 'OpenStreetMap', href: `https://www.openstreetmap.org/search?query=${query}` },
    { name: 'Google Maps', href: `https://www.google.com/maps/search/?api=1&query=${query}` },
    { name: 'Apple Maps', href: `https://maps.apple.com/?q=${query}` },
    { name: null, href: `geo:0,0?q=${query}` },
  ];
  return links.toSorted((a, b) => Number(keptName(b) === first) - Number(keptName(a) === first));
}

/** The kept name of the map that the reader followed last; null before. */
export function keptMap(storage: TextStorage): string | null {
  return storage.getItem(KEPT_KEY);
}

export function keepMap(storage: TextStorage, link: Pick<MapLink, 'name'>): void {
  storage.setItem(KEPT_KEY, keptName(link));
}

function keptName({ name }: Pick<MapLink, 'name'>): string {
  return name ?? APP;
}
