// The one class for expected errors, and the catalogue of their codes. A code is stable, because people and
// programs compare it. `status` is the HTTP status of the problem (RFC 9457). `title` never varies with the
// cause.

interface CatalogueEntry {
  status: number;
  title: string;
}

const catalogue = {
  // Requests at the edge
  bad_request: { status: 400, title: 'Bad request' },
  path_not_canonical: { status: 400, title: 'Path is not in canonical form' },
  host_invalid: { status: 400, title: 'Host is missing or ambiguous' },
  unauthenticated: { status: 401, title: 'Authentication required' },
  credential_malformed: { status: 401, title: 'Credential is malformed' },
  credential_invalid: { status: 401, title: 'Credential is not valid' },
  token_expired: { status: 401, title: 'Token has expired' },
  client_certificate_invalid: { status: 401, title: 'Client certificate is not valid' },
  forbidden: { status: 403, title: 'Not permitted' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'Request took too long' },
  conflict: { status: 409, title: 'Conflicts with what exists' },
  confirmation_required: { status: 409, title: 'Confirmation required' },
  content_too_large: { status: 413, title: 'Content too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  expectation_failed: { status: 417, title: 'Expectation failed' },
  unprocessable: { status: 422, title: 'Content is not valid' },
  certificate_refused: { status: 422, title: 'Certificate refused' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  header_too_large: { status: 431, title: 'Request header fields too large' },
  internal: { status: 500, title: 'Internal error' },
  method_not_implemented: { status: 501, title: 'Method not implemented' },
  upstream_failed: { status: 502, title: 'Upstream failed' },
  unavailable: { status: 503, title: 'Temporarily unavailable' },
  upstream_timeout: { status: 504, title: 'Upstream took too long' },
  version_not_supported: { status: 505, title: 'HTTP version not supported' },
  // Start-up and operation
  clock_wrong: { status: 503, title: 'The clock is wrong' },
  config_unknown: { status: 500, title: 'Unknown setting' },
  config_invalid: { status: 500, title: 'Setting is not valid' },
  config_unreadable: { status: 500, title: 'Configuration cannot be read' },
  database_incomplete: { status: 500, title: 'Database is missing or incomplete' },
  data_folder_locked: { status: 500, title: 'Data folder is in use' },
  data_folder_unusable: { status: 500, title: 'Data folder cannot be used' },
  listen_failed: { status: 500, title: 'Cannot listen' },
  master_key_missing: { status: 500, title: 'Master key is missing' },
  master_key_wrong: { status: 500, title: 'Master key is wrong' },
  migration_failed: { status: 500, title: 'Database migration failed' },
  store_full: { status: 503, title: 'Storage is full' },
  store_failed: { status: 503, title: 'Storage failed' },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;

/** An expected failure. `message` is safe for the client that caused it. The cause is for the log only. */
export class GatehouseError extends Error {
  readonly code: ErrorCode;
  /** With `method_not_allowed`: the allowed methods (RFC 9110 §15.5.6). */
  readonly allow: readonly string[] | undefined;

  constructor(code: ErrorCode, detail: string, options?: { cause?: unknown; allow?: readonly string[] }) {
    super(detail, options);
    this.name = 'GatehouseError';
    this.code = code;
    this.allow = options?.allow;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  get title(): string {
    return catalogue[this.code].title;
  }
}

/** Whether the disk was too full for it: said by the system, or by us. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  // A quota of the user's is as good as a full disk.
  return error.code === 'store_full' || error.code === 'ENOSPC' || error.code === 'EDQUOT';
}
