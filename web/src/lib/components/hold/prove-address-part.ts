/** The form that proves a visitor's address: of a file of its own, because most readers of an event do not book. */
export const proveAddressPart = () => import('../sign-in/ProveAddress.svelte');
