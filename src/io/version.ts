declare const KEYDRIFT_VERSION: string;

/** The package's version, put in when it is built. */
export const version: string = KEYDRIFT_VERSION;
