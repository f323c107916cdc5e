// What the benches print with --json: the keys that stand in each object, and the type of each value. An array has at
// least one element, and all of the same shape. A key more does no harm.
const latency = { p50: 'number', p99: 'number', max: 'number' };
const loss = {
  mode: 'string',
  requests: 'number',
  lost: 'number',
  lostRequests: 'number',
  events: 'number',
  lostEvents: 'number',
  duplicated: 'number',
  failedSends: 'number',
};
const ratio = { ratio: 'number', from: 'number', to: 'number' };
const connectTimes = { atOnce: 'number', later: 'number', plain: 'number' };
const comparison = { ours: 'number', plain: 'number' };
const machine = { date: 'string', cores: 'number', cpu: 'string', node: 'string' };
const cpu = { clientCpu: 'number', responderCpu: 'number' };
const each = (systems, figures) => Object.fromEntries(systems.map((system) => [system, figures]));
const compared = (systems, figures) => ({
  figures: each(systems, figures),
  timesStock: each(systems, figures),
  timesBare: each(systems, figures),
});
const requests = { requestsPerSecond: 'number', ...cpu };
const events = [['stock', 'flushed', 'ours', 'bare'], { eventsPerSecond: 'number', ...cpu }];
const memory = { callerRequest: 'number', responderRequest: 'number', subscription: 'number' };
const crowd = {
  bytesPerConnection: 'number',
  callsToConnect: 'number',
  callsPerRestart: ['number'],
  msUntilAllAreBack: ['number'],
};

const kept = {
  failedPublishes: 'number',
  lost: 'number',
  redelivered: 'number',
  duplicates: 'number',
  missedUpdates: 'number',
  failedRequests: 'number',
  lostMessages: 'number',
  failedPuts: 'number',
  endedIterators: 'number',
  hung: 'number',
};

export const BENCH_SHAPES = {
  jetstream: [
    {
      run: 'string',
      system: 'string',
      driver: 'string',
      server: 'string',
      rotations: 'number',
      ...kept,
      publishes: 'number',
      msOrderedResumed: 'number',
    },
  ],
  rotation: [
    {
      ...loss,
      rotations: 'number',
      failedRotations: 'number',
      requestsPerSecond: 'number',
      queuedEvents: 'number',
      lostQueued: 'number',
      inside: latency,
      outside: latency,
    },
  ],
  upgrade: [{ ...loss, upgradedNodes: 'number', latency }],
  metrics: {
    rounds: 'number',
    requestsPerRound: 'number',
    requestsPerSecond: { on: 'number', off: 'number', offAgain: 'number' },
    onToOff: ratio,
    offAgainToOff: ratio,
  },
  requests: {
    ...machine,
    nest: 'number',
    rounds: 'number',
    ms: 'number',
    rows: [
      {
        concurrency: 'number',
        payloadBytes: 'number',
        ...compared(['stock', 'ours', 'oursToBare', 'traced', 'plain', 'promised', 'bare'], requests),
      },
    ],
    events: [
      {
        concurrency: 'number',
        payloadBytes: 'number',
        ...compared(...events),
        timesFlushed: each(...events),
      },
    ],
    latency: [
      {
        requestsPerSecond: 'number',
        load: 'number',
        payloadBytes: 'number',
        rotations: 'number',
        ...compared(['stock', 'ours', 'rotating', 'bare'], latency),
      },
    ],
    memory: {
      requests: 'number',
      subscriptions: 'number',
      ...compared(['stock', 'ours', 'bare'], memory),
    },
  },
  connect: {
    ...machine,
    connects: 'number',
    restarts: 'number',
    crowd: 'number',
    connect: connectTimes,
    connectFirst: connectTimes,
    connectTls: connectTimes,
    reconnect: comparison,
    many: { ours: crowd, plain: crowd },
  },
  callout: {
    ...machine,
    times: 'number',
    cpuMicros: { ours: 'number', natsJwt: 'number' },
    timesLess: 'number',
    floorMicros: 'number',
    perSecond: 'number',
    herd: {
      clients: 'number',
      admittedAtFirstTry: 'number',
      seconds: 'number',
      calloutCpuSeconds: 'number',
    },
  },
  fleet: {
    instances: 'number',
    rows: [
      {
        scenario: 'string',
        window: 'string',
        mean: 'number',
        peakMinute: 'number',
        peakSecond: 'number',
        peakToMean: 'number',
        perInstance: 'number',
        peakSecondToFleet: 'number',
      },
    ],
  },
};

/** A line for each place where the value is not of the shape; none when it is. */
export function shapeProblems(value, shape, place = 'result') {
  if (typeof shape === 'string') return typeof value === shape ? [] : [differs(place, shape, value)];
  if (Array.isArray(shape)) {
    if (!Array.isArray(value) || value.length === 0) return [differs(place, 'an array with elements', value)];
    return value.flatMap((element, i) => shapeProblems(element, shape[0], `${place}[${i}]`));
  }
  if (typeof value !== 'object' || value === null) return [differs(place, 'object', value)];
  return Object.entries(shape).flatMap(([key, inner]) => shapeProblems(value[key], inner, `${place}.${key}`));
}

function differs(place, expected, value) {
  return `${place}: expected ${expected}, got ${JSON.stringify(value)}`;
}
