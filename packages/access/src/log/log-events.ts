// All lines of the logs: the event, the level, the text, and a sample of the fields. All log lines come from
// here, and docs/log-events.md is generated from here. Events are stable, because programs compare them. The
// texts may change.
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
 * The fields of an event. All are optional. `message` replaces the text of the catalogue, and `worker` is the
 * process of the gateway that the line is about.
 */
export type LogFacts<Event extends LogEvent> = {
  readonly [Field in keyof (typeof LOG_EVENTS)[Event]['fields']]?: unknown;
} & { readonly message?: string; readonly worker?: number };

/** Writes lines of the catalogue. Callers never pass secrets. */
export interface EventLog {
  event<Event extends LogEvent>(event: Event, facts?: LogFacts<Event>): void;
}
