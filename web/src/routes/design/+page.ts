// For those who build: made in the browser, with samples around the present moment.
export const ssr = false;
