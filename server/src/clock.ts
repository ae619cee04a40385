/** The server's clock as an argument, so that tests hold it in hand. */
export type Now = () => Date;
