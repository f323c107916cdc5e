/** The libraries of NATS itself, for comparison: what they make we must understand, and they what we make. */
export { decode, encodeUser } from '@nats-io/jwt';
export {
  createAccount,
  createCluster,
  createCurve,
  createOperator,
  createServer,
  createUser,
  fromCurveSeed,
  fromPublic,
  fromSeed,
  type KeyPair,
} from '@nats-io/nkeys';
