/** How long a server waits for the callout, in ms, where none may be late: a request that is lost shows, and a machine that stands still for a second does not. */
export const PATIENT_MS = 5_000;

/** Where requests are meant to be lost: their clients wait for so long. */
export const HASTY_MS = 1_000;
