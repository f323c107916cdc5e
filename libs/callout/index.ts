export {
  type Admission,
  CONNECTION_TYPES,
  type ConnectionType,
  type QueueSubject,
  type ResponseRules,
  type SubjectRules,
  type UserPermissions,
} from './admission.js';
export { AnswerRefusedError } from './answer-refused-error.js';
export { type AccountsAllowed, type AllowedAccount } from './accounts/accounts-allowed.js';
export type { AuthorizeContext, Authorizer } from './authorizer.js';
export {
  CertificateAuthorizer,
  type CertificateIdentity,
  type CertificateOptions,
} from './authorizers/certificates/certificate-authorizer.js';
export type { ClientCertificate } from './authorizers/certificates/client-certificate.js';
export { hashPassword, type ScryptCost } from './authorizers/users/password-hash.js';
export type { StaticUser, StaticUserIdentity } from './authorizers/users/static-users.js';
export {
  StaticUsersAuthorizer,
  type StaticUsersOptions,
} from './authorizers/users/static-users-authorizer.js';
export { type CachedOptions, cached } from './authorizers/composition/cached.js';
export { firstAuthorizer } from './authorizers/composition/first-authorizer.js';
export { mapAdmission } from './authorizers/composition/map-admission.js';
export type { PartialAdmission } from './authorizers/completed.js';
export { JwksAuthorizer } from './authorizers/jwks/jwks-authorizer.js';
export type { JwksFetch, JwksOptions, TokenClaims } from './authorizers/jwks/jwks-options.js';
export type { PresentedAs } from './authorizers/jwks/presented-token.js';
export { KeysUnavailableError } from './authorizers/jwks/published-keys.js';
export type { TokenAlgorithm } from './authorizers/jwks/algorithms.js';
export { subjectToken } from './authorizers/subject-token.js';
export { clientPermissions, type ClientUse } from './permissions/client-permissions.js';
export { handoverPermissions } from './permissions/handover-permissions.js';
export type { InboxUse } from './permissions/inbox.js';
export {
  type BucketUse,
  jetstreamPermissions,
  type JetStreamUse,
  type StreamUse,
} from './permissions/jetstream-permissions.js';
export { mergePermissions } from './permissions/merge-permissions.js';
export { servicePermissions, type ServiceUse } from './permissions/service-permissions.js';
export { Callout, CALLOUT_SUBJECT, type CalloutMessage, type CalloutParts } from './callout.js';
export { AuthorizerTimeoutError } from './engine/authorizer-timeout-error.js';
export {
  type CalloutAccountClaims,
  calloutAccountClaims,
  type CalloutAccountConfig,
  type CalloutServerAccount,
  calloutServerConfig,
  type CalloutServerConfig,
  type CalloutServerUser,
} from './configuration/index.js';
export { AdmissionInvalidError, REFUSAL_REASONS, type RefusalReason, RefusedError } from './errors.js';
export {
  CALLOUT_FAILURES,
  type CalloutEvents,
  type CalloutFailure,
  type ClientFacts,
  REQUEST_PROBLEMS,
  type RequestProblem,
} from './events.js';
export { createNkey, type CreatedNkey } from './keys/create-nkey.js';
export type { CalloutAccount, CalloutOptions, CalloutSigningKey } from './options.js';
export type {
  CalloutClient,
  CalloutCredentials,
  CalloutRequest,
  CalloutServer,
  CalloutTls,
} from './request/callout-request.js';
export { RequestInvalidError } from './request/request-error.js';
export { AUTH_ERRORS_SUBJECT, refusedAnswer, type RefusedAnswer } from './refused-answer.js';
export { type CalloutSettings, calloutSettings } from './settings.js';
