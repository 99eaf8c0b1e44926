// `cfssl serve` as a contender: it signs requests that carry an HMAC of a shared key
// (/api/v1/cfssl/authsign), and stores nothing.
import { createHmac, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, OwnSite } from '../contender.ts';
import type { Message, Origin } from '../http-connection.ts';
import { programVersion, requireProgram } from '../installed-program.ts';
import type { RunningProgram } from '../running-program.ts';
import { startProgram } from '../running-program.ts';
import { createCaFiles } from '../tls-files.ts';

/** The messages that ask a server to sign a request. */
export interface StartedSigner {
  program: RunningProgram;
  origin: Origin;
  /** The message for one PEM request and its name. */
  message(request: { pem: string; name: string }): Message;
  /** The same with an invalid credential. */
  forged(request: { pem: string; name: string }): Message;
  /** The certificate in an answer, PEM. Throws if there is none. */
  certificate(answer: { status: number; body: Buffer }): string;
}

export const cfssl: Contender<OwnSite, StartedSigner> = {
  name: 'cfssl',
  install: 'apt-get install golang-cfssl',
  version: () => programVersion('cfssl', ['version']),
  async start(site) {
    const key = randomBytes(32);
    const config = join(site.folder, 'config.json');
    writeFileSync(config, JSON.stringify(configuration(key.toString('hex'))));
    const ca = createCaFiles(site.folder);
    const files = ['-ca', ca.certificateFile, '-ca-key', ca.keyFile, '-config', config];
    const tls = ['-tls-cert', site.tls.chainFile, '-tls-key', site.tls.keyFile];
    const where = ['-address', '127.0.0.1', '-port', String(site.port)];
    const args = ['serve', ...where, ...files, ...tls, '-loglevel', '3'];
    const program = startProgram({ command: requireProgram('cfssl'), args }, site.stack);
    const messageWith = (itsKey: Uint8Array) => (request: { pem: string; name: string }) =>
      authenticated({ certificate_request: request.pem, hosts: [request.name] }, itsKey);
    return {
      program,
      origin: { host: 'localhost', port: site.port, root: site.tls.root },
      message: messageWith(key),
      forged: messageWith(randomBytes(32)),
      certificate,
    };
  },
};

function configuration(key: string) {
  const profile = { auth_key: 'benchmark', usages: ['digital signature', 'server auth'], expiry: '24h' };
  return { signing: { default: profile }, auth_keys: { benchmark: { type: 'standard', key } } };
}

function authenticated(order: object, key: Uint8Array): Message {
  const request = Buffer.from(JSON.stringify(order));
  const token = createHmac('sha256', key).update(request).digest('base64');
  const body = JSON.stringify({ token, request: request.toString('base64') });
  const fields = 'Content-Type: application/json\r\n';
  return { method: 'POST', target: '/api/v1/cfssl/authsign', fields, body };
}

function certificate({ status, body }: { status: number; body: Buffer }): string {
  const { result, errors }: Answer = JSON.parse(body.toString('utf8'));
  const text = result?.certificate;
  if (status === 200 && text !== undefined) return text;
  throw new Error(`it answered ${status}: ${errors?.[0]?.message}`);
}

interface Answer {
  result?: { certificate?: string };
  errors?: { message: string }[];
}
