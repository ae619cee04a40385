interface MapLink {
  /** Its name, which is the same in all languages; null for the device's own app. */
  name: string | null;
  href: string;
}

/** Maps that find a place by its words. Nothing is loaded from them until the reader follows a link. */
export function mapLinks(place: string): MapLink[] {
  const query = encodeURIComponent(place);
  return [
    { name: 'OpenStreetMap', href: `https://www.openstreetmap.org/search?query=${query}` },
    { name: 'Google Maps', href: `https://www.google.com/maps/search/?api=1&query=${query}` },
    { name: 'Apple Maps', href: `https://maps.apple.com/?q=${query}` },
    { name: null, href: `geo:0,0?q=${query}` },
  ];
}
