// What must be true of a sign-in before more is allowed: how strong it was, and how recent (RFC 9470).

/** What a route or an act requires of a sign-in. */
export interface StepUpRequirement {
  /**
   * Default: any. `mfa`: two factors of different kinds. `phishing-resistant`: a key that answers only the
   * right server, which is a passkey or a client certificate (NIST SP 800-63B-4 §3.2.5).
   */
  level?: 'mfa' | 'phishing-resistant' | undefined;
  /** The greatest age of the sign-in; default: any time. */
  maxAgeSeconds?: number | undefined;
}
