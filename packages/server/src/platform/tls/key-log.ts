// The key log (draft-ietf-tls-keylogfile): the secrets of every TLS session, for Wireshark. It is only for
// finding faults, so it is off by default, and the start warns about it.
import { appendFileSync, chmodSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Server } from 'node:tls';
import { notWritable } from '../data-folder/writable-place.ts';
import type { Log } from '../log/log.ts';
import type { TlsSettings } from './tls-settings.ts';

/**
 * The settings with the absolute path of the key log. Creates the file, which only this user may read, and
 * warns. Throws `config_invalid` if it cannot be written.
 */
export function openKeyLog(tls: TlsSettings, folder: string, log: Pick<Log, 'event'>): TlsSettings {
  if (tls.keyLog === undefined) return tls;
  const keyLog = resolve(folder, tls.keyLog);
  try {
    appendFileSync(keyLog, '', { mode: 0o600 });
    chmodSync(keyLog, 0o600);
  } catch (error) {
    throw notWritable(keyLog, 'tls.keyLog', error);
  }
  log.event('tls.key_log', { keyLog });
  return { ...tls, keyLog };
}

/** Adds the secrets of every session of `server` to the file. */
export function logKeys(server: Server, { keyLog }: TlsSettings): void {
  if (keyLog !== undefined) server.on('keylog', (line: Buffer) => appendFileSync(keyLog, line));
}
