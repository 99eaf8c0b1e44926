// The table of sessions, and the values that its rows represent.

export interface SessionRow {
  id: string;
  user_name: string;
  host: string | null;
  parent: string | null;
  amr: string;
  auth_time: number;
  token_epoch: number;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  address: string;
  user_agent: string;
  provider: string | null;
  provider_subject: string | null;
  provider_sid: string | null;
  /** Sealed. */
  provider_id_token: Uint8Array | null;
  passkey: string | null;
}

/** The sign-in at another provider that a session came from. */
export interface ThroughProvider {
  /** The name of the provider in the settings. */
  provider: string;
  subject: string;
  /** The session there, if the provider names it (OpenID Connect Back-Channel Logout 1.0 §2.1). */
  sid: string | null;
}

/** A sign-in at a provider that has just happened. */
export interface SignInThrough extends ThroughProvider {
  /** For the sign-out there (OpenID Connect RP-Initiated Logout 1.0 §2); undefined: too long for a URL. */
  idToken?: string | undefined;
}

export interface StoredSession {
  /** A hash of the cookie's value: it identifies the session, and nothing can sign in with it. */
  id: string;
  user: string;
  /** The host of the gateway that it is for; null: the control listener. */
  host: string | null;
  /** The session at the control listener that this one came from. They end together. */
  parent: string | null;
  /** Authentication Method References (RFC 8176). */
  amr: string[];
  /** When the user last proved who they are. Milliseconds since the epoch, like all times here. */
  authTime: number;
  /** The session is void if the user has another epoch. */
  tokenEpoch: number;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
  /** The address where it began. */
  address: string;
  userAgent: string;
  /** Only for sessions at the control listener. */
  through?: ThroughProvider | undefined;
  /** The id of the passkey that the sign-in used. */
  passkey?: string | undefined;
}

export function sessionFromRow(row: SessionRow): StoredSession {
  return {
    id: row.id,
    user: row.user_name,
    host: row.host,
    parent: row.parent,
    amr: JSON.parse(row.amr),
    authTime: row.auth_time,
    tokenEpoch: row.token_epoch,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    address: row.address,
    userAgent: row.user_agent,
    ...throughFromRow(row),
    ...(row.passkey !== null && { passkey: row.passkey }),
  };
}

export function rowFromSession(session: StoredSession): SessionRow {
  return {
    id: session.id,
    user_name: session.user,
    host: session.host,
    parent: session.parent,
    amr: JSON.stringify(session.amr),
    auth_time: session.authTime,
    token_epoch: session.tokenEpoch,
    created_at: session.createdAt,
    last_seen_at: session.lastSeenAt,
    expires_at: session.expiresAt,
    address: session.address,
    user_agent: session.userAgent,
    provider: session.through?.provider ?? null,
    provider_subject: session.through?.subject ?? null,
    provider_sid: session.through?.sid ?? null,
    provider_id_token: null,
    passkey: session.passkey ?? null,
  };
}

function throughFromRow(row: SessionRow): Pick<StoredSession, 'through'> {
  const { provider, provider_subject: subject, provider_sid: sid } = row;
  return provider === null || subject === null ? {} : { through: { provider, subject, sid } };
}
