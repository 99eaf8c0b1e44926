// The messages of the link, in both directions (docs/wire/data-plane-link.md).
import type {
  ClaimBatch,
  ClaimResults,
  FactBatch,
  FactResults,
  SectionChange,
  SectionPage,
} from '@gatehouse/access';
import type { CountsReport } from '../counts/counts.ts';
import type { HandshakeFacts } from './handshake-facts.ts';
import type { LogLevel, LogLine } from './log.ts';
import type { SessionAnswers, SessionQuestions } from './sessions.ts';

/** From the control plane. The first message is `start`. */
export type ToDataPlane<Settings = unknown> =
  | StartMessage<Settings>
  | ({ type: 'section' } & SectionPage)
  | { type: 'changes'; id: number; changes: readonly SectionChange[] }
  | FactResults
  | ClaimResults
  | SessionAnswers
  | { type: 'ping'; id: number }
  | { type: 'reopenLog' }
  | { type: 'drain'; graceSeconds: number };

/** The first message: the data that a process needs before the sections. */
export interface StartMessage<Settings = unknown> {
  type: 'start';
  logLevel: LogLevel;
  /** The absolute path of a file, `stdout` or `none`. */
  accessLog: string;
  settings: Settings;
}

/** The counts of a process since its last report, and its current state. */
export interface ProcessReport extends CountsReport {
  /** Open connections of clients. */
  connections: number;
  /** Memory that is in use now. */
  residentBytes: number;
  /** Processor time since the last report. */
  cpuSeconds: number;
}

/** To the control plane. */
export type FromDataPlane =
  /** The process has received the last part of a section. */
  | { type: 'taken' }
  | { type: 'listening'; port: number }
  /** `code` is Node's, such as `EADDRINUSE`. */
  | { type: 'listenFailed'; code: string; message: string }
  /**
   * The process has applied the changes with this id. If it is still starting, they apply to its first
   * request.
   */
  | { type: 'applied'; id: number }
  /** The process continues without these changes. */
  | { type: 'rejected'; id: number; reason: string }
  /** The process needs these sections completely, and then the changes with this id again. */
  | { type: 'missed'; id: number; sections: readonly string[] }
  | FactBatch
  | ClaimBatch
  | SessionQuestions
  /**
   * `lost` is the number of earlier items that were dropped because the control plane did not read in time.
   *
   */
  | { type: 'handshakes'; records: readonly HandshakeFacts[]; lost: number }
  /** The counts since the last report, and the state of the process. About once a second. */
  | ({ type: 'counted' } & ProcessReport)
  | { type: 'log'; lines: readonly LogLine[]; lost: number }
  | { type: 'pong'; id: number }
  | { type: 'drained' };
