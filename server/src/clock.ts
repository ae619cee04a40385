/** The server's clock, passed as an argument so that tests control it. */
export type Now = () => Date;
