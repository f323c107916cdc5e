/** A difference between the transports that is intended. `docs/parity.md` has a row for each of them. */
export interface Difference {
  readonly what: string;
  /** Whose being ours makes it. */
  readonly of: 'client' | 'service';
  /** What is observed with ours. */
  readonly ours: string;
  readonly reason: string;
}

export const DIFFERENCES = {
  orderOfFirstEvents: {
    what: 'the order of events that are emitted before the first connect',
    of: 'client',
    ours: '0, 1, 2, 3, 4, 5, 6, 7',
    reason: 'every call waits for the same connection and goes on in its turn',
  },
  groupOfInstance: {
    what: 'the queue group of a handler that has none',
    of: 'service',
    ours: 'work: workers, event: instance-….event',
    reason:
      'a message reaches one of the two connections that overlap in a rotation; the group is private to instance and subject, so every instance still gets every message',
  },
  malformedAnswer: {
    what: 'an answer that cannot be deserialized',
    of: 'client',
    ours: 'SyntaxError, nothing unhandled',
    reason: 'a rejection that nobody handles ends the process: one bad peer must not end its callers',
  },
  pings: {
    what: 'a connection that is dropped without a word',
    of: 'client',
    ours: 'pings every 20000 ms',
    reason:
      'found gone after 40 to 60 s, not after 4 to 6 min, and kept from being dropped as idle: `pingInterval` is 20,000 by default',
  },
  rejected: {
    what: 'credentials that the server does not take',
    of: 'client',
    ours: "RejectedError: The NATS server rejected the credentials: 'Authorization Violation'.",
    reason: 'the provider is asked for other credentials first, `rejection.maxOnConnect` times',
  },
  reconnectsForEver: {
    what: 'more than ten failed dials',
    of: 'client',
    ours: 'goes on',
    reason:
      'a service outlives an outage: `maxReconnectAttempts` is -1 by default, and a connection that was closed is replaced',
  },
  tellsTheLossOnce: {
    what: '`status` and `on("disconnect")` of dials that a server refuses',
    of: 'client',
    ours: 'on disconnect once',
    reason:
      'NestJS logs two errors for each of them; what keeps a connection down is told by our own log, once, and by the status',
  },
  waitsWhileDisconnected: {
    what: '`send()` and `emit()` while there is no connection',
    of: 'client',
    ours: 'TimeoutError; TimeoutError',
    reason:
      'nothing that was accepted may vanish; the caller\'s own time-out goes on, and `client.whileDisconnected: "fail"` fails at once',
  },
  refusedPublish: {
    what: 'a publish that the server refuses',
    of: 'client',
    ours: "PublishRefusedError: The NATS server refused to publish to 'secret.plans': these credentials have no permission for it.; PublishRefusedError: The NATS server refused to publish to 'secret.ideas': these credentials have no permission for it.",
    reason: 'a message that was refused will never be answered',
  },
  invalidSubject: {
    what: 'a subject that cannot be sent, a pattern that can hear nothing',
    of: 'client',
    ours: "SubjectInvalidError: Subject '' is empty.; SubjectInvalidError: Subject '' is empty.",
    reason:
      'white space in a subject writes lines of the protocol, and one that is too long ends the connection: the call fails, or `listen()` does, and nothing else',
  },
  sharedInbox: {
    what: 'the reply inbox',
    of: 'client',
    ours: '1 with a wildcard',
    reason:
      'one wildcard for all requests of a connection costs the client and every route of a cluster less',
  },
  unsentReply: {
    what: 'a reply that cannot be sent: too large, not to be serialized',
    of: 'service',
    ours: 'error {"status":"error","message":"The reply could not be sent"}; 1 |',
    reason: 'a caller that is not told waits for ever; NestJS before 12.1 ends the process',
  },
  unreadableRequest: {
    what: 'a request that is no JSON',
    of: 'service',
    ours: '{"err":{"status":"error","message":"The request could not be read"},"isDisposed":true} |; 1 |',
    reason: 'the peer learns of its mistake; NestJS before 12.1 ends the process',
  },
  brokenDeserializer: {
    what: "a request that the service's deserializer throws at",
    of: 'service',
    ours: 'error {"status":"error","message":"The request could not be read"}',
    reason: 'the caller hears at once that nobody has read its request, in place of waiting for its time-out',
  },
  throwingFilter: {
    what: 'a request whose exception filter throws',
    of: 'service',
    ours: 'error {"status":"error","message":"Internal server error"}; 1 |',
    reason: 'the caller hears what it hears of any error; NestJS before 12.1 ends the process',
  },
  cutOffStream: {
    what: 'a stream of replies whose service closes',
    of: 'service',
    ours: '"first" error {"status":"error","code":"DISCONNECTED","message":"The service has closed the connection that the request came in on."}; ended',
    reason:
      'a stream ends with the connection that its request came in on, and its caller can ask again; nothing goes on for nobody',
  },
  unheardStream: {
    what: 'a stream of replies that nobody hears any more',
    of: 'service',
    ours: 'ended',
    reason:
      'the NATS server says so when a value of it finds no subscriber; five seconds later it counts as abandoned',
  },
  gracePeriod: {
    what: '`gracePeriod` of `gracefulShutdown`',
    of: 'service',
    ours: 'at once',
    reason: 'the grace period is for handlers that run: it ends with the last of them',
  },
  closedError: {
    what: 'the error of requests that `close()` cuts off',
    of: 'client',
    ours: "ClosedError: The client connection 'default' is closed.",
    reason: 'has a `code` and names the registration',
  },
  confirmedEvents: {
    what: 'when `emit()` completes',
    of: 'client',
    ours: 'TimeoutError',
    reason:
      "with the server's confirmation: an event that completed is not in a buffer that a reconnect empties",
  },
  contextOfReplies: {
    what: 'the async context of a reply',
    of: 'client',
    ours: '"anna" |, "ben" |',
    reason:
      'a reply belongs to its caller: an `AsyncLocalStorage`, nestjs-cls or OpenTelemetry must not find the user of another request',
  },
  contextOfHandlers: {
    what: 'the async context of handlers',
    of: 'service',
    ours: '"nobody" |',
    reason:
      'a connection belongs to no request, whoever has opened or rotated it: all handlers would run as one user',
  },
} satisfies Record<string, Difference>;
