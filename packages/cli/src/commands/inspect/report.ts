// The results of `gatehouse inspect`, in the form of its JSON document. It always has all members; unknown
// values are null.
import type { CertificateFacts } from '../pki/certificate-facts.ts';

/** All results for a server. */
export interface Report {
  host: string;
  port: number;
  serverName: string;
  /** The address of the connection. */
  address: string | null;
  /** Whether our client would connect. */
  trusted: boolean;
  /** Where the roots come from: a file, or the list of Node. */
  roots: string;
  tls: Negotiated;
  /** With `--all`; otherwise null. */
  versions: Record<string, boolean> | null;
  /** The server's certificate first, a root last if there is a path to one. */
  chain: ChainEntry[];
  revocation: RevocationReport;
  /** Null without `--pin`. */
  pinMatches: boolean | null;
  problems: Problem[];
}

/** One connection. */
export interface Negotiated {
  version: string;
  cipher: string;
  /** The key exchange; null for one without forward secrecy. */
  group: string | null;
  alpn: string | null;
  /** Whether a second connection resumed the session of the first. */
  resumes: boolean;
  clientCertificate: 'required' | 'not required';
  handshakeMs: number;
}

/** One certificate, as `gatehouse pki show --json` has it, and its place in the chain. */
export interface ChainEntry extends CertificateFacts {
  /** Whole days, rounded down; negative after the end. */
  daysLeft: number;
  /** Whether the server sent it. */
  sent: boolean;
  /** Whether it is one of the roots. */
  trusted: boolean;
}

/** The answer of one source about the server's certificate. */
export interface SourceReport {
  kind: 'stapled' | 'ocsp' | 'crl';
  url: string | null;
  status: 'good' | 'revoked' | 'unknown';
  /** For `revoked`, the time and the reason. For `unknown`, why. */
  detail: string | null;
}

export interface RevocationReport {
  /** `not checked`: offline, without an issuer, or the certificate names no source. */
  verdict: 'good' | 'revoked' | 'unknown' | 'not checked';
  mustStaple: boolean;
  sources: SourceReport[];
}

/** Something to fix. */
export interface Problem {
  /** A stable code: a reason of the client, or one that begins with `weak_`. */
  code: string;
  /** An error is a reason why the certificate is not trusted. */
  severity: 'error' | 'warning';
  what: string;
  fix: string;
  /** A command to copy that fixes the problem or helps with it, if there is one. */
  command: string | null;
}
