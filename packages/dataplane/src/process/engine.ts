// What the process needs of the engine that serves requests, and what it gives it.
import type { FactRecorder, SectionCopies } from '@gatehouse/access';
import type { AccessLog } from '../access-log/access-log.ts';
import type { Log } from '../log.ts';
import type { HandshakeRecord } from '../transport/transport.ts';

export interface Engine {
  /** Resolves with the port. Rejects with Node's error when it cannot listen. */
  listen(): Promise<number>;
  /**
   * Acts on the sections that are now in force, also for requests and connections under way. Resolves when it
   * does.
   */
  sectionsChanged(): Promise<void>;
  /** Accepts nothing new, lets running requests finish for `graceSeconds`, then cuts what is left. */
  drain(graceSeconds: number): Promise<void>;
}

export interface EngineDeps {
  copies: SectionCopies;
  facts: FactRecorder;
  accessLog: AccessLog;
  log: Log;
  /** Takes the record of every handshake. */
  handshake(record: HandshakeRecord): void;
}

export type CreateEngine<Settings> = (deps: EngineDeps, settings: Settings) => Engine;
