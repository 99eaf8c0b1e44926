// `gatehouse request ftp://…`: uploads a file, downloads one, or prints a file or a listing. The user name
// comes from the URL, the password from a file. A password in the URL works, with a warning.
import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { type Ftp, type FtpEntry, ftp } from '@gatehouse/client/ftp';
import { readRoots } from '../../connection/trust.ts';
import { CliError, cannotRead, exitStatus, usageError } from '../../exit-status.ts';
import { readPassphraseFile } from '../../input/secrets.ts';
import { writeOutputs } from '../../output/output-files.ts';
import { print, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { writeBody } from './answer.ts';
import type { ResolvedFlags } from './settings.ts';

/** Throws `CliError`, and `ClientError`. */
export async function requestFile(context: CliContext, flags: ResolvedFlags, url: URL): Promise<void> {
  refuseOthers(flags);
  const { process } = context;
  if (url.password !== '') {
    remark(process, 'gatehouse: warning: other users can read the password in the URL: use --password-file');
  }
  const roots = await readRoots({ cacert: flags.ca ?? flags.cacert, data: flags.dataFolder }, process.env);
  const password = flags.passwordFile && (await readPassphraseFile(flags.passwordFile, process));
  const target = new URL(url);
  if (password) target.password = encodeURIComponent(password);
  const files = ftp({ ...(roots && { ca: roots.pem }), timeoutSeconds: flags.timeout });
  try {
    await transfer(context, files, { target, flags });
  } finally {
    files.close();
  }
}

/** The options that are only for HTTP. */
const HTTP_ONLY = ['header', 'data', 'form', 'keyFile', 'tokenFile', 'cert', 'include', 'continue'] as const;

function refuseOthers(flags: ResolvedFlags): void {
  const wrong = HTTP_ONLY.find((name) => flags[name] !== undefined);
  if (wrong !== undefined) {
    const option = wrong.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
    throw usageError(`--${option} is for HTTP, and this URL is of FTP`);
  }
  if (!['GET', 'PUT', undefined].includes(flags.method))
    throw usageError('FTP has only --method GET and PUT');
}

async function transfer(
  context: CliContext,
  files: Ftp,
  { target, flags }: { target: URL; flags: ResolvedFlags },
): Promise<void> {
  const { process } = context;
  const { dataFile, download, force } = flags;
  if (dataFile !== undefined) return upload(process.stdin, files, { target, dataFile });
  if (target.pathname.endsWith('/') && download === undefined) {
    for (const entry of await files.list(target)) print(process, lineOf(entry));
    return;
  }
  const body = new PassThrough();
  const received = files.download(target, body).catch((error) => {
    body.destroy(error);
    throw error;
  });
  const written =
    download === undefined
      ? writeBody(context, body)
      : writeOutputs([{ path: download, content: body }], { force });
  const [arrived, stored] = await Promise.allSettled([received, written]);
  if (arrived.status === 'rejected') throw arrived.reason;
  if (stored.status === 'rejected') throw stored.reason;
  if (download !== undefined) remark(process, `gatehouse: wrote ${visible(download)}`);
}

async function upload(
  stdin: NodeJS.ReadableStream,
  files: Ftp,
  { target, dataFile }: { target: URL; dataFile: string },
): Promise<void> {
  const source = dataFile === '-' ? stdin : createReadStream(dataFile);
  const opened = dataFile === '-' ? Promise.resolve() : readable(source, dataFile);
  await opened;
  if (target.pathname.endsWith('/'))
    throw new CliError(exitStatus.usage, 'URL should end with the name of the file');
  await files.upload(target, source as ReturnType<typeof createReadStream>);
}

function readable(source: NodeJS.ReadableStream, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    source.once('open', () => resolve());
    source.once('error', (error) => reject(cannotRead(path, error)));
  });
}

function lineOf({ name, kind, size }: FtpEntry): string {
  return `${String(size).padStart(12)}  ${visible(name)}${kind === 'folder' ? '/' : ''}`;
}
