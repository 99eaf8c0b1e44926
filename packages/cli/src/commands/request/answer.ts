// Prints an answer: its status and its header on standard error, its body on standard output or in a file.
// Sets the exit status.
import { STATUS_CODES } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientResponse } from '@gatehouse/client/request';
import { type ExitStatus, exitStatus, usageError } from '../../exit-status.ts';
import { writeOutputs } from '../../output/output-files.ts';
import { remark, visible } from '../../output/print.ts';
import { createScreen } from '../../output/screen.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import type { ContinuedDownload } from './continue.ts';
import type { RequestFlags } from './flags.ts';
import { withProgress } from './progress.ts';

/** Undefined without `--continue`. Throws `CliError`. */
export async function continuedDownload(
  { download, continue: isContinued, force }: RequestFlags,
  method: string,
  process: CliProcess,
): Promise<ContinuedDownload | undefined> {
  if (!isContinued) return undefined;
  if (download === undefined || method !== 'GET')
    throw usageError('--continue needs --download, for GET requests');
  const { continueDownload } = await import('./continue.ts');
  return continueDownload({ file: download, force, process });
}

/** The body of a refusal is not the requested file: it goes to standard output. */
export async function deliver(
  context: CliContext,
  response: ClientResponse,
  flags: RequestFlags,
  part: ContinuedDownload | undefined,
): Promise<ExitStatus> {
  const { download, force } = flags;
  if (part?.takes(response)) {
    await part.save(response);
    return exitStatus.ok;
  }
  const status = statusFor(response, flags);
  if (download === undefined || response.status >= 300) {
    await writeBody(context, response.body, String(response.headers['content-type'] ?? ''));
    return download === undefined || status !== exitStatus.ok ? status : exitStatus.failed;
  }
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  const content = withProgress(
    response.body,
    { total: Number.isNaN(length) ? undefined : length },
    context.process,
  );
  await writeOutputs([{ path: download, content }], { force });
  return status;
}

/**
 * To standard output. Throws if the body is incomplete. `runApplication` reports a failed write. `type` is
 * the media type.
 */
export async function writeBody(context: CliContext, body: Readable, type = ''): Promise<void> {
  const { process, output } = context;
  const filter = process.stdout.isTTY === true ? [await onTerminal(context, type)] : [];
  await pipeline([body, ...filter, process.stdout], { end: false }).catch(async (error) => {
    if ((await output.failure()) === undefined) throw error;
  });
}

async function onTerminal({ process, screen }: CliContext, type: string): Promise<Transform> {
  const { terminalBody } = await import('./terminal-body.ts');
  const isJson = /^application\/(?:[^;]+\+)?json\b/i.test(type);
  const leftOut = () =>
    remark(
      process,
      'gatehouse: the body is not text: write it to a file with --download, or pipe it to a program',
    );
  return terminalBody({ isJson, screen, leftOut });
}

export function showHead(
  { status, headers }: ClientResponse,
  { include }: RequestFlags,
  process: CliProcess,
): void {
  const { paint } = createScreen(process.stderr, process.env);
  const color = status < 300 ? 'green' : status < 400 ? 'yellow' : 'red';
  remark(process, paint(color, `HTTP ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()));
  const target = status >= 300 && status < 400 ? [headers.location ?? []].flat()[0] : undefined;
  if (target !== undefined)
    remark(process, `gatehouse: it redirects to ${visible(target)}; this command follows no redirect`);
  if (!include) return;
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values ?? []].flat()) remark(process, `${paint('cyan', name)}: ${visible(value)}`);
  }
}

/** A 401 to a request with only a certificate means that the server does not accept that certificate. */
function statusFor({ status }: ClientResponse, flags: RequestFlags): ExitStatus {
  const { check, cert, keyFile, tokenFile } = flags;
  if (!check || status < 400) return exitStatus.ok;
  const byCertificate = cert !== undefined && keyFile === undefined && tokenFile === undefined;
  if (status === 401 && byCertificate) return exitStatus.clientIdentity;
  return status < 500 ? exitStatus.clientError : exitStatus.serverError;
}
