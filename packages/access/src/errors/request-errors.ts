// The error codes of answers to requests, at the gateway and at the control plane.
import type { CatalogueEntry } from './catalogue-entry.ts';

export const requestErrors = {
  bad_request: {
    status: 400,
    title: 'Bad request',
    means: 'The request is not valid HTTP, or its body is not valid JSON, not a valid form or not UTF-8.',
    remedy: 'Correct the request as the detail says.',
  },
  path_not_canonical: {
    status: 400,
    title: 'Path is not in canonical form',
    means:
      'The path is spelled in a way that some servers read as another path, such as `//`, `/../`, `%2F` or `/admin.`.',
    remedy:
      "Send the path in its plain form. If an upstream needs such paths, give its route `paths: 'any'`.",
  },
  host_invalid: {
    status: 400,
    title: 'Host is missing or ambiguous',
    means: 'The request has no Host field, more than one, or one that differs from the request target.',
    remedy: 'Send exactly one Host field with the name of the server.',
  },
  sealed_request_invalid: {
    status: 400,
    title: 'Sealed request cannot be opened',
    means: 'The body is not a request that was sealed for this gateway, or someone changed or truncated it.',
    remedy: 'Seal the request again, with the keys at `/.well-known/ohttp-gateway`.',
  },
  sealed_key_unknown: {
    status: 400,
    title: 'Key of the sealed request is unknown',
    means: 'The request was sealed for a key that has expired, or that does not belong to this gateway.',
    remedy: 'Fetch the keys at `/.well-known/ohttp-gateway` again, and seal the request for one of them.',
    type: 'https://iana.org/assignments/http-problem-types#ohttp-key',
  },
  sealed_request_date: {
    status: 400,
    title: 'Date of the sealed request is not current',
    means: 'The request inside has no Date, or one that is too far from the time of this server.',
    remedy: 'Send the current time as Date inside. The field Date of this answer has the time of the server.',
    type: 'https://iana.org/assignments/http-problem-types#date',
  },
  sealed_request_replayed: {
    status: 400,
    title: 'Sealed request was used before',
    means: 'The same sealed request came a second time.',
    remedy: 'Seal the request again.',
  },
  unauthenticated: {
    status: 401,
    title: 'Authentication required',
    means: 'The request has no credential, and the route requires one.',
    remedy: 'Send one of the credentials that `WWW-Authenticate` and the detail name.',
  },
  credential_malformed: {
    status: 401,
    title: 'Credential is malformed',
    means:
      'The credential does not have the form of its scheme, or the request has more than one credential.',
    remedy: 'Copy the whole credential again, and send it in one header field only.',
  },
  credential_invalid: {
    status: 401,
    title: 'Credential is not valid',
    means: 'The credential is unknown or revoked, or its owner was removed.',
    remedy: 'Sign in again, or ask an administrator for a new API key or certificate.',
  },
  token_expired: {
    status: 401,
    title: 'Token has expired',
    means: 'The access token is older than `identity.tokenLifetime`.',
    remedy: 'Sign in again.',
  },
  dpop_proof_invalid: {
    status: 401,
    title: 'DPoP proof is not valid',
    means: 'The DPoP proof is missing, was used before, is too old, or is for another request, token or key.',
    remedy: 'Make a new proof for each request (RFC 9449), for exactly the URL and the token of the request.',
  },
  dpop_nonce_required: {
    status: 401,
    title: 'DPoP proof needs a nonce',
    means: 'The DPoP proof is right, but it has no nonce from this server, or its nonce is too old.',
    remedy:
      'Repeat the request with a new proof that has the nonce in `DPoP-Nonce`. Most DPoP clients do this automatically.',
  },
  signature_invalid: {
    status: 401,
    title: 'Signature is not valid',
    means:
      'The signature of the request is not accepted: it covers too little, was used before, is too old, or does not match this request, body and key.',
    remedy:
      'Sign each request again (RFC 9421), over the components in `Accept-Signature`, with a new nonce. See `docs/signatures.md`.',
  },
  signature_nonce_required: {
    status: 401,
    title: 'Signature needs a nonce',
    means:
      'The clock of the server was set back, so it cannot know whether a nonce that the client chose was used before.',
    remedy: 'Repeat the request, signed with the nonce in `Accept-Signature` (RFC 9421 §5.1).',
  },
  nonce_stale: {
    status: 401,
    title: 'Nonce is stale',
    means: 'The Digest credentials are right, but the nonce has expired, or its count was used before.',
    remedy:
      'Repeat the request with the nonce in `WWW-Authenticate`. Most Digest clients do this automatically.',
  },
  client_certificate_invalid: {
    status: 401,
    title: 'Client certificate is not valid',
    means:
      'TLS could not verify the client certificate, or it has expired, was revoked or is not for clients.',
    remedy: 'Renew the certificate with `gatehouse cert renew`, or ask an administrator for a new one.',
  },
  sign_in_required: {
    status: 401,
    title: 'Sign in first',
    means:
      'A browser without a session asks for a page that requires one. The gateway redirects it to the sign-in page.',
    remedy: 'Sign in on that page.',
  },
  sign_in_incomplete: {
    status: 400,
    title: 'The sign-in did not finish',
    means: 'The sign-in began in another browser, took too long, or its one-time code was used before.',
    remedy: 'Open the page again and sign in.',
  },
  cross_site_request: {
    status: 403,
    title: 'Request from another site',
    means: 'A page of another origin made the browser send this request with its session cookie.',
    remedy:
      'Send the request from a page of this origin. If the other page is yours, name its origin under `cors` of the route, with `credentials: true`.',
  },
  mfa_required: {
    status: 401,
    title: 'A second factor is required',
    means: 'The password is right, but the user also has a second factor.',
    remedy: 'Send a code with the `mfa_token` of this answer to `POST /auth/mfa`.',
  },
  account_not_linked: {
    status: 403,
    title: 'No account is linked',
    means: 'A sign-in provider has authenticated a person, but that person has no linked account here.',
    remedy: 'Sign in with your password or passkey, and link the provider on your account page.',
  },
  provider_answer_invalid: {
    status: 400,
    title: 'The answer of the sign-in provider is not valid',
    means:
      'The provider refused the sign-in, or its answer is forged, too old, or meant for another sign-in.',
    remedy:
      'Sign in again. If this happens each time, check the settings of the provider. The log has the reason.',
  },
  insufficient_user_authentication: {
    status: 401,
    title: 'A stronger or newer sign-in is required',
    means: 'The credential is valid, but the route requires a second factor, a passkey or a newer sign-in.',
    remedy: 'Sign in again, as `acr_values` and `max_age` in `WWW-Authenticate` say (RFC 9470).',
  },
  forbidden: {
    status: 403,
    title: 'Not permitted',
    means: 'The credential is valid, but no rule allows its owner to do this.',
    remedy: 'Ask an administrator for the role, or use another credential. The ledger has the reason.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    means: 'No route has this path, or the object that the path names does not exist.',
    remedy: 'Check the path and the name in it.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    means: 'The path exists, but not for this method.',
    remedy: 'Use one of the methods in the field `Allow`.',
  },
  request_timeout: {
    status: 408,
    title: 'Request took too long',
    means: 'The header or the body of the request arrived too slowly.',
    remedy: 'Try again. The limits are `gateway.timeouts` and `gateway.minBodyBytesPerSecond`.',
  },
  conflict: {
    status: 409,
    title: 'Conflicts with what exists',
    means: 'The request contradicts the current state: for example, the name is taken.',
    remedy: 'Read the current state, then decide.',
  },
  confirmation_required: {
    status: 409,
    title: 'Confirmation required',
    means: 'The request would destroy data that you cannot restore, or leave no administrator.',
    remedy:
      'If you want this, confirm it as the detail says, or leave out `keepAdministrator`. If it destroys data, make a backup first.',
  },
  content_too_large: {
    status: 413,
    title: 'Content too large',
    means: 'The body is larger than the limit.',
    remedy: 'Send a smaller body, or raise `gateway.maxBodyBytes`.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    means: 'The body has a media type that the route does not accept.',
    remedy: 'Send the Content-Type that the detail names.',
  },
  expectation_failed: {
    status: 417,
    title: 'Expectation failed',
    means: 'The field `Expect` asks for something other than `100-continue`.',
    remedy: 'Send the request without it.',
  },
  unprocessable: {
    status: 422,
    title: 'Content is not valid',
    means: 'The body, the query or the path can be read, but one of its members is not valid.',
    remedy: 'Correct the member that the detail names.',
  },
  config_refused: {
    status: 422,
    title: 'Configuration refused',
    means: 'The configuration file cannot be read or is not valid. The current configuration stays in force.',
    remedy: 'Correct what the detail names, try it with `gatehouse config check`, then reload again.',
  },
  certificate_refused: {
    status: 422,
    title: 'Certificate refused',
    means: 'The profile does not allow this name, key or lifetime, or the key was revoked as compromised.',
    remedy: 'Change the request as the detail says, or change the profile under `ca.profiles`.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    means: 'This client address, or the whole server, has reached a limit.',
    remedy: 'Try again after the time that `Retry-After` says.',
  },
  header_too_large: {
    status: 431,
    title: 'Request header fields too large',
    means: 'The header fields of the request are too many or too large.',
    remedy: 'Send fewer or smaller fields, or raise `gateway.maxHeaderBytes` or `gateway.maxHeaders`.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    means: 'The server failed unexpectedly.',
    remedy: 'Find the request id in the log, and report the error there.',
  },
  method_not_implemented: {
    status: 501,
    title: 'Method not implemented',
    means: 'The gateway does not know the method.',
    remedy: 'Use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.',
  },
  provider_unavailable: {
    status: 502,
    title: 'The sign-in provider does not answer',
    means: 'The provider cannot be reached, takes too long, or sends an answer that cannot be read.',
    remedy: 'Sign in in another way, or try again later. The log has the reason.',
  },
  upstream_failed: {
    status: 502,
    title: 'Upstream failed',
    means: 'The upstream cannot be reached, closed the connection, or sent an answer that is not valid HTTP.',
    remedy: 'Check that the upstream runs. The log has the cause under the request id.',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    means: 'The server is starting or stopping, or cannot record the request at the moment.',
    remedy: 'Try again in a few seconds.',
  },
  upstream_timeout: {
    status: 504,
    title: 'Upstream took too long',
    means: 'The upstream did not accept the connection, or did not answer in time.',
    remedy: 'Check the upstream, or raise `gateway.timeouts.connect` or `gateway.timeouts.firstByte`.',
  },
  version_not_supported: {
    status: 505,
    title: 'HTTP version not supported',
    means: 'The version of HTTP in the request is neither 1.0 nor 1.1.',
    remedy: 'Use HTTP/1.1.',
  },
} as const satisfies Record<string, CatalogueEntry>;
