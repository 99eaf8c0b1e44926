// The messages for failures of FTP. They contain the server's answer (RFC 959 §4.2), and never a password.
import { FTPError } from 'basic-ftp';
import { ClientError } from '../errors.ts';
import { clientFailure } from '../sockets/tls-errors.ts';
import type { FtpAddress } from './address.ts';

/** An error of FTP as `ClientError`. Errors of the caller's own streams are not changed. */
export function ftpFailure(error: unknown, address: FtpAddress): unknown {
  if (!(error instanceof Error) || error instanceof ClientError || error instanceof TypeError) return error;
  const { host, port, path } = address;
  const peer = `${host}:${port}`;
  const fail = (code: 'protocol' | 'timeout', message: string) =>
    new ClientError(code, message, { cause: error });
  if (error instanceof FTPError) return fail('protocol', answered(error, peer, path));
  if (/^Timeout/.test(error.message)) return fail('timeout', `${peer} did not answer in time: try again`);
  const failure = clientFailure(error, { peer, hasCertificate: false });
  return 'code' in error || failure.code !== 'connect' ? failure : error;
}

/** 530: not logged in. 550: no such file, or not allowed. */
function answered({ code, message }: FTPError, peer: string, path: string): string {
  const reason = message.replace(/^\d{3}[ -]?/, '').replaceAll(/\s+/g, ' ');
  if (code === 530) return `${peer} refused the sign-in (530 ${reason}): check the name and the password`;
  if (code === 550 || code === 553) {
    return `${peer} refused /${path} (${code} ${reason}): check that it exists and that you may use it`;
  }
  return `${peer} answered ${code} ${reason}`;
}
