// Pages for organisers: made in the browser, with the organiser's session.
export const ssr = false;
