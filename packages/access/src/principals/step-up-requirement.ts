// A required strength and age of a sign-in (RFC 9470).

/** The requirement of a route or an act. */
export interface StepUpRequirement {
  /**
   * Default: any. `mfa`: two factors of different kinds. `phishing-resistant`: a key that works only with the
   * right server: a passkey or a client certificate (NIST SP 800-63B-4 §3.2.5).
   */
  level?: 'mfa' | 'phishing-resistant' | undefined;
  /** The greatest age of the sign-in; default: any time. */
  maxAgeSeconds?: number | undefined;
}
