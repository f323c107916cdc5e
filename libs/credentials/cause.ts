/**
 * Why user info is fetched, or why a connection moves to other user info. One of these goes from what set it off through the request to
 * the provider and the rotation into events, metrics and log.
 * @public
 */
export type Cause =
  /** A first connect. */
  | 'connect'
  /** A lost connection is dialled again. */
  | 'reconnect'
  /** A server has rejected what was presented. */
  | 'rejected'
  /** What is in use is going to expire. */
  | 'expiring'
  /** The provider has told of newer user info. */
  | 'changed'
  /** The application has asked for it. */
  | 'manual'
  /** The server has announced that it is going to end. */
  | 'lame-duck';

/** Why user info is wanted. */
export type RefreshReason = Exclude<Cause, 'lame-duck'>;
