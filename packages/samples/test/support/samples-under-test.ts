// Sample services with their own folder, which is removed after the test.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  createSamples,
  type SamplesLogEntry,
  type SamplesOptions,
  type SamplesServer,
  serveSamples,
} from '../../src/index.ts';

export interface SamplesUnderTest {
  folder: string;
  log: SamplesLogEntry[];
  /** Sends a request by its path. */
  send(path: string, init?: RequestInit): Promise<Response>;
}

/** The services as a function that answers requests, without a port. */
export function samplesUnderTest(t: TestContext, options: Partial<SamplesOptions> = {}): SamplesUnderTest {
  const log: SamplesLogEntry[] = [];
  const folder = temporaryFolder(t);
  const samples = createSamples({ folder, log: (entry) => log.push(entry), ...options });
  t.after(() => samples.close());
  return {
    folder,
    log,
    send: async (path, init) => samples.fetch(new Request(`http://localhost${path}`, init)),
  };
}

/** The services on a free port of 127.0.0.1. */
export async function servedSamples(
  t: TestContext,
  options: Partial<SamplesOptions & { drainSeconds: number }> = {},
): Promise<SamplesServer & { folder: string }> {
  const folder = temporaryFolder(t);
  const server = await serveSamples({ folder, port: 0, drainSeconds: 0.2, ...options });
  t.after(() => server.close());
  return { ...server, folder };
}

/** The answer to `POST /notes`. */
export function postNote(text: string): RequestInit {
  return { method: 'POST', body: JSON.stringify({ text }) };
}

/** `PUT` with a body, which may be streamed (WHATWG Fetch §5.4, `duplex`). */
export function put(body: BodyInit | undefined, headers: Record<string, string> = {}): RequestInit {
  return { method: 'PUT', body, headers, duplex: 'half' } as RequestInit;
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-samples-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
