/** The most tickets of an extra in one booking, where the organiser sets no maximum: no number of seats bounds them. */
export const MOST_EXTRAS = 100;
