// The Debian package: the built program with its two runtimes below /usr/lib/gatehouse, the command, the
// systemd unit, the user, and an initial configuration. It needs only `dpkg-deb`.
import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { manifestOf } from './manifest.ts';
import { runTool } from './run-tool.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const BUN_MACHINES: Readonly<Record<string, string>> = { x64: 'x64', arm64: 'aarch64' };
const PROGRAM = 'usr/lib/gatehouse';
const EXECUTABLE = 0o755;

/** The targets of the files in packaging/. */
const FILES: Readonly<Record<string, string>> = {
  'systemd/gatehouse.service': 'usr/lib/systemd/system/gatehouse.service',
  'debian/sysusers.conf': 'usr/lib/sysusers.d/gatehouse.conf',
  'debian/tmpfiles.conf': 'usr/lib/tmpfiles.d/gatehouse.conf',
  'debian/gatehouse.config.ts': 'etc/gatehouse/gatehouse.config.ts',
};
/** Node 26 needs libatomic1, which small systems lack. The last two create the user and the data folder. */
const NEEDED = [
  'libatomic1',
  'libc6 (>= 2.31)',
  'libgcc-s1',
  'libstdc++6',
  'systemd | systemd-standalone-sysusers',
  'systemd | systemd-standalone-tmpfiles',
];
const SCRIPTS = ['postinst', 'prerm', 'postrm'];

/** Packs the built program in `program` for this machine's processor. Returns the path of the package. */
export function packDebian(program: string, target: string, isUncompressed = false): string {
  const { version, description } = manifestOf('cli');
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) throw new Error(`There is no Debian package for ${process.arch}.`);
  const root = join(target, 'debian');
  rmSync(root, { recursive: true, force: true });
  cpSync(program, join(root, PROGRAM), { recursive: true });
  copyRuntimes(join(root, PROGRAM, 'node_modules'));
  for (const [from, to] of Object.entries(FILES)) place(join('packaging', from), join(root, to));
  writeCommand(join(root, 'usr/bin/gatehouse'));
  place('LICENSE', join(root, 'usr/share/doc/gatehouse/copyright'));
  writeControl(join(root, 'DEBIAN'), { version, description, architecture, installedKiB: sizeOf(root) });
  // With any umask of the builder, all users may read the files and run the programs.
  runTool('chmod', ['-R', 'u=rwX,go=rX', root]);
  const file = join(target, `gatehouse_${version}_${architecture}.deb`);
  // A higher level takes twice as long for a package that is 5 % smaller.
  const compression = isUncompressed ? ['-Znone'] : ['-Zgzip', '-z3'];
  runTool('dpkg-deb', ['--root-owner-group', ...compression, '--build', root, file]);
  rmSync(root, { recursive: true });
  return file;
}

function nodePackage(): string {
  return `node-linux-${process.arch}`;
}

function copyRuntimes(modules: string): void {
  const bun = `@oven/bun-linux-${BUN_MACHINES[process.arch]}`;
  const files = {
    [nodePackage()]: ['bin/node', 'package.json', 'LICENSE'],
    [bun]: ['bin/bun', 'package.json'],
  };
  for (const [name, paths] of Object.entries(files)) {
    for (const path of paths) place(join('node_modules', name, path), join(modules, name, path));
  }
}

function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

function writeCommand(path: string): void {
  const text = readFileSync('packaging/debian/gatehouse.sh', 'utf8').replace('@NODE@', nodePackage());
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, EXECUTABLE);
}

interface Control {
  version: string;
  description: string;
  architecture: string;
  installedKiB: number;
}

function writeControl(folder: string, { version, description, architecture, installedKiB }: Control): void {
  mkdirSync(folder, { recursive: true });
  const fields = {
    Package: 'gatehouse',
    Version: version,
    Architecture: architecture,
    Maintainer: 'Gatehouse <gatehouse@localhost>',
    'Installed-Size': installedKiB,
    Depends: NEEDED.join(', '),
    Recommends: 'ca-certificates',
    Section: 'net',
    Priority: 'optional',
    Description: description,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(folder, 'control'), lines.join(''));
  writeFileSync(join(folder, 'conffiles'), '/etc/gatehouse/gatehouse.config.ts\n');
  for (const name of SCRIPTS) {
    place(join('packaging/debian', name), join(folder, name));
    chmodSync(join(folder, name), EXECUTABLE);
  }
}

function sizeOf(root: string): number {
  const sizes = globSync(join(root, '**/*')).map((path) => statSync(path).size);
  return Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024);
}
