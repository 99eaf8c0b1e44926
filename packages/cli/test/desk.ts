// A folder of keys and certificates for tests, made with the pki commands themselves.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Scope, temporaryFolder } from './fake-admin.ts';
import { gatehouse, type Outcome } from './fake-process.ts';

export interface Desk {
  folder: string;
  /** Runs `gatehouse pki …`. An argument `@name` means that file of the folder. */
  pki(...args: string[]): Promise<Outcome>;
  /** The same for a command that must succeed. Resolves with standard output. */
  done(...args: string[]): Promise<string>;
  /**
   * The same for a command that must fail with this status. Resolves with its one line, without `gatehouse:
   * `.
   */
  refused(status: number, ...args: string[]): Promise<string>;
  path(name: string): string;
  text(name: string): string;
  put(name: string, content: string | Uint8Array, mode?: number): string;
}

export function createDesk(t: Scope): Desk {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  const pki: Desk['pki'] = (...args) =>
    gatehouse(['pki', ...args.map((arg) => (arg.startsWith('@') ? path(arg.slice(1)) : arg))]);
  return {
    folder,
    path,
    pki,
    async done(...args) {
      const { status, stdout, stderr } = await pki(...args);
      assert.equal(status, 0, stderr);
      return stdout;
    },
    async refused(expected, ...args) {
      const { status, stdout, stderr } = await pki(...args);
      assert.equal(status, expected, `${args.join(' ')}: ${stderr}`);
      assert.equal(stdout, '');
      assert.match(stderr, /^gatehouse: [^\n]+\n$/);
      return stderr.slice('gatehouse: '.length).trimEnd().replaceAll(`${folder}/`, '');
    },
    text: (name) => readFileSync(path(name), 'utf8'),
    put(name, content, mode = 0o600) {
      writeFileSync(path(name), content, { mode });
      return path(name);
    },
  };
}

/** A desk with a root (`ca.pem`, `ca.key`) and a server's key and request (`server.key`, `server.csr`). */
export async function createFurnishedDesk(t: Scope, ...caOptions: string[]): Promise<Desk> {
  const desk = createDesk(t);
  await desk.done('key', '--out', '@ca.key');
  await desk.done('ca', '--key', '@ca.key', '--common-name', 'Test CA', '--out', '@ca.pem', ...caOptions);
  await desk.done('key', '--out', '@server.key');
  await desk.done('csr', '--key', '@server.key', '--name', 'example.com', '--out', '@server.csr');
  return desk;
}
