// Rendered in the browser only: the samples' times are relative to now.
export const ssr = false;
