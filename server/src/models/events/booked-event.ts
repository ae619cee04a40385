import type { CaptionedImage } from '#server/booking/rules/state/event-state.ts';
import type { Booking } from '#shared/booking.ts';
import type { EventImage } from '#shared/images/event-image.ts';
import { imageFileName, IMAGES_PATH } from '#shared/images/image-files.ts';
import type { LedgerEvent } from '../ledger.ts';

/** The event of a booking, with details where they are set. */
export function toBookedEvent(event: LedgerEvent): Booking['event'] {
  const { title, venue, timeZone, status, cancelReason, address, doorsAt, minAge, accessInfo, image, sample } = event;
  return {
    title,
    venue,
    timeZone,
    startsAt: event.startsAt.toISOString(),
    endsAt: event.endsAt?.toISOString() ?? null,
    status,
    cancelReason,
    ...(isSet(address) && { address }),
    ...(isSet(doorsAt) && { doorsAt: doorsAt.toISOString() }),
    ...(isSet(minAge) && { minAge }),
    ...(isSet(accessInfo) && { accessInfo }),
    ...(isSet(image) && { image: toEventImage(image) }),
    ...(sample && { sample: true as const }),
  };
}

function isSet<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

/** An image as clients receive it. */
export function toEventImage({ id, width, height, widths, alt, focusX, focusY }: CaptionedImage): EventImage {
  return { url: `${IMAGES_PATH}${imageFileName(id, width, 'jpg')}`, width, height, alt, widths, focusX, focusY };
}
