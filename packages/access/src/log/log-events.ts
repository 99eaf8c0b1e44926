// Every line that the logs can have: its event, level and words, and a sample of its fields. The code writes
// lines only from here, and docs/log-events.md is generated from here. Events are stable, because programs
// compare them; the words may change.
import { gatewayEvents } from './gateway-events.ts';
import { serverEvents } from './server-events.ts';

/**
 * Lines of the server and of the data plane's processes.
 * @example
 * LOG_EVENTS['disk.full'].level; // 'warn'
 */
export const LOG_EVENTS = { ...serverEvents, ...gatewayEvents };

/** The name of an event. */
export type LogEvent = keyof typeof LOG_EVENTS;

/**
 * The fields of an event. All may be left out. `message` replaces the words of the catalogue, and `worker`
 * says which of the gateway's processes it is about.
 */
export type LogFacts<Event extends LogEvent> = {
  readonly [Field in keyof (typeof LOG_EVENTS)[Event]['fields']]?: unknown;
} & { readonly message?: string; readonly worker?: number };

/** Writes lines of the catalogue. Callers never pass secrets. */
export interface EventLog {
  event<Event extends LogEvent>(event: Event, facts?: LogFacts<Event>): void;
}
