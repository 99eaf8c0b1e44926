// `gatehouse request --seal`: a client that seals its requests. It prints the signer of the gateway's keys on
// standard error, in a form that people can compare. Refuses a signer that differs from the stored one.

import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type {
  Client,
  ClientOptions,
  ClientRequest,
  ClientResponse,
  Identity,
  Middleware,
} from '@gatehouse/client';
import { apiKey, bearer, client, type SealSigner, seal, trust } from '@gatehouse/client';
import {
  type KnownSigner,
  knownSigner,
  otherSigner,
  rememberSigner,
  type SignerPlace,
  signersFile,
} from '../../connection/known-signers.ts';
import type { TrustFlags } from '../../connection/trust.ts';
import { readRoots } from '../../connection/trust.ts';
import { CliError, cannotRead, exitStatus, usageError } from '../../exit-status.ts';
import { remark } from '../../output/print.ts';
import type { CliProcess } from '../../process.ts';
import type { SealFlags } from './flags.ts';

export interface Sealing {
  flags: SealFlags;
  /** That of the request. */
  url: URL;
  options: Omit<ClientOptions, 'roots'>;
}

/** Throws `CliError`. */
export async function createSealingClient(
  trusted: TrustFlags,
  process: CliProcess,
  { flags, url, options }: Sealing,
): Promise<Client> {
  const roots = await readRoots(trusted, process.env);
  const { sealCa, sealPin, gateway } = flags;
  if (sealPin !== undefined && !/^sha256\/[A-Za-z0-9+/]{43}=$/.test(sealPin)) {
    throw usageError('--seal-pin should be sha256/ and 44 characters of base64');
  }
  if (gateway !== undefined && URL.parse(gateway)?.protocol !== 'https:') {
    throw usageError('--gateway should be a URL that begins with https://');
  }
  const ca = sealCa === undefined ? roots?.pem : await readText(sealCa);
  const byPinAlone = sealPin !== undefined && sealCa === undefined;
  const place: SignerPlace = { use: 'seal', origin: new URL(gateway ?? url).origin, roots: ca };
  const known = await knownSigner(process, place);
  const sealing = seal({
    ...(ca !== undefined && !byPinAlone && { ca }),
    ...(sealPin !== undefined && { pins: [sealPin] }),
    ...(gateway !== undefined && { gateway }),
    async onSigner(signer) {
      const { pin, digits } = signer;
      remark(process, `gatehouse: the keys of the gateway are signed by ${pin} (${digits})`);
      if (known) requireSame(signer, { place, known, isPinned: sealPin !== undefined }, process);
      await rememberSigner(process, place, signer);
    },
  });
  const { certificate, identity, pins, crl, revocation, timeouts = {} } = options;
  const calling = client({ timeouts, decompress: false }).with(
    trust({
      ...(roots && { ca: roots.pem }),
      ...(certificate && { certificate: certificate.chain, key: certificate.key }),
      ...(pins && { pins }),
      ...(crl && { crl }),
      ...(revocation && { revocation }),
    }),
    ...credentialOf(identity),
    sealing,
  );
  return { request: (target, request) => send(calling, target, request), close: () => calling.close() };
}

/** Accepts another signer only if the user names it, and never older keys. Throws `CliError`. */
function requireSame(
  { pin, epoch }: SealSigner,
  { place, known, isPinned }: { place: SignerPlace; known: KnownSigner; isPinned: boolean },
  { env }: CliProcess,
): void {
  if (known.pin !== pin) {
    if (isPinned) return;
    throw otherSigner(place, { pin, known }, '--seal-pin');
  }
  const { epoch: newest = 0 } = known;
  if (epoch >= newest) return;
  throw new CliError(
    exitStatus.tlsTrust,
    `the keys of ${place.origin} are of epoch ${epoch}, and ${newest} was seen before: someone on the way may send old ones; if the operator has restored a backup, remove the entry of ${place.origin} from ${signersFile(env)}`,
  );
}

function credentialOf(identity: Identity | undefined): Middleware[] {
  if (identity?.kind === 'apiKey') return [apiKey(identity.key)];
  return identity?.kind === 'bearer' ? [bearer(identity.token)] : [];
}

async function send(
  calling: ReturnType<typeof client>,
  url: string | URL,
  { method = 'GET', headers = {}, body, signal }: ClientRequest = {},
): Promise<ClientResponse> {
  const fields = new Headers();
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values ?? []].flat()) fields.append(name, value);
  }
  const response = await calling.request(url, {
    method,
    headers: fields,
    redirect: 'manual',
    body: (body ?? null) as Readable | null,
    ...(signal && { signal }),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as ReadableStream),
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    throw cannotRead(path, error);
  }
}
