// An entry of the catalogues of events: the level, the text, and a sample of the fields.

/** The importance of a line. */
export type EventLevel = 'debug' | 'info' | 'warn' | 'error';

/** One kind of line. `fields` has a plausible value for every field that it may have. */
export interface LogEventEntry {
  level: EventLevel;
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

export function line<Fields extends Readonly<Record<string, unknown>>>(
  level: EventLevel,
  message: string,
  fields: Fields,
): { level: EventLevel; message: string; fields: Fields } {
  return { level, message, fields };
}

/** Values for several samples. */
export const sample = {
  error: {
    type: 'Error',
    message: 'ENOSPC: no space left on device, write',
    stack: 'Error: ENOSPC: …',
    code: 'ENOSPC',
  },
  requestId: '0198c2f4-5a7b-7c3d-8e9f-0a1b2c3d4e5f',
  address: '192.0.2.7',
  notAfter: '2030-01-31T12:00:00.000Z',
};
