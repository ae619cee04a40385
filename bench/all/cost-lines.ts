/** What each cost of a run is; its unit stands at the end of its name. */
export const COST_LINES: Readonly<Record<string, { what: string; unit: string }>> = {
  bookingServerMs: { what: 'a booking on a busy event, processor of the server', unit: 'ms' },
  bookingDatabaseMs: { what: 'a booking on a busy event, processor of the database', unit: 'ms' },
  bookingLedgerBytes: { what: 'a booking on a busy event, in the ledger', unit: 'bytes' },
  connectServerMs: { what: 'a client that connects with a session, processor of the server', unit: 'ms' },
  listServerMs: { what: 'page 1 of the list by socket, processor of the server', unit: 'ms' },
  tenThousandEventsMb: { what: 'resident memory of a server with 10,000 events, all of them shown', unit: 'MB' },
  hundredThousandEventsMb: {
    what: 'resident memory of a server with 100,000 events, 10,000 of them shown',
    unit: 'MB',
  },
};
