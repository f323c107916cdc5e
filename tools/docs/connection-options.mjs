// What the options of `connection` do that are not this package's own: the types of NestJS carry no comments. Held against
// those types by configuration.mjs, so that none is missing and none is left over.

/** Options that NestJS's transport reads. */
export const NESTS_OPTIONS = {
  queue:
    "The queue group of handlers that name none; `{ queue: '' }` at a handler declines it. Default: none.",
  headers: 'Headers of every message that the client sends.',
  serializer: "Makes messages out of packets. Default: NestJS's own.",
  deserializer: "Makes packets out of messages. Default: NestJS's own.",
  gracefulShutdown:
    'On close, the server takes no new messages and waits for the answers of running handlers. Default: false.',
  gracePeriod:
    'The longest time that `gracefulShutdown` waits for handlers; it ends with the last of them. Default: 10,000.',
};

/** Options that nats.js reads, in both supported versions. */
export const NATS_JS_OPTIONS = {
  name: 'The name that the server shows for the connection.',
  ignoreClusterUpdates: 'Does not dial servers that the cluster announces. Default: false.',
  noEcho: 'The server does not send a connection what it has published itself. Default: false.',
  reconnect:
    'Whether nats.js dials again by itself. Default: true; with `false` this package opens a new connection in its place.',
  debug:
    'Logs every line of the protocol, `CONNECT` with its credentials among them: never where logs are kept. Default: false.',
  verbose: 'The server confirms each line of the protocol: for work on nats.js. Default: false.',
  pedantic: 'The server checks each line of the protocol more strictly: for work on nats.js. Default: false.',
};

/** Options that would bring credentials past the provider. */
export const REFUSED_OPTIONS = [
  ...['user', 'pass', 'token', 'authenticator'],
  ...['nkey', 'userJWT', 'nonceSigner', 'userCreds', 'tokenHandler'],
];

/** Options of nats.js 1.x that the types of NestJS still have. */
export const UNREAD_OPTIONS = ['encoding', 'useOldRequestStyle', 'preserveBuffers', 'yieldTime'];
