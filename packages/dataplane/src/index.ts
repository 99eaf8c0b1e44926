// The data plane for the server: the link to its processes. The program of a process is ./main.ts.

export type { OutcomeKind, UpstreamReport } from './counts/counts.ts';
export type { DurationCounts, RouteReport } from './counts/route-counts.ts';
export { DECISIONS, DURATION_BOUNDS_MS } from './counts/route-counts.ts';
export type { HandshakeFacts, PeerCertificateFacts } from './link/handshake-facts.ts';
export { handshakeFacts } from './link/handshake-facts.ts';
export type { Link, LinkEvents, LinkStreams } from './link/link.ts';
export { openLink } from './link/link.ts';
export type { LogLevel, LogLine } from './link/log.ts';
export type { FromDataPlane, ProcessReport, StartMessage, ToDataPlane } from './link/messages.ts';
export type { SessionAnswer, SessionQuestion, SessionQuestions } from './link/sessions.ts';
export { answerSessionQuestion } from './link/sessions.ts';
export type { DataPlaneSettings } from './settings.ts';
export {
  failureInWords,
  isCertificateFailure,
} from './transport/handshake-failure.ts';
export { factsOf as tlsFactsOf } from './transport/node-tls.ts';
