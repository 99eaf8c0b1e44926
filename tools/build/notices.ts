// The licences of the dependencies in the program. Most of them require that their text is included.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Dependency {
  folder: string;
  name: string;
  version: string;
  license: string;
}

/** A page with the licence of each package of these files. Throws if a package has no licence. */
export function noticesFor(files: Iterable<string>): string {
  const folders = new Set([...files].map(packageFolder));
  const parts = [...folders]
    .map(readDependency)
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((one) => `## ${one.name} ${one.version} (${one.license})\n\n${licenceText(one)}\n`);
  return `# Software of others in this package\n\n${parts.join('\n')}`;
}

/** The nearest folder that is a package. Some packages have a package.json without a name in a subfolder. */
function packageFolder(file: string): string {
  let folder = dirname(file);
  while (!isPackage(folder)) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`${file} belongs to no package.`);
    folder = parent;
  }
  return folder;
}

function isPackage(folder: string): boolean {
  const path = join(folder, 'package.json');
  return existsSync(path) && 'version' in JSON.parse(readFileSync(path, 'utf8'));
}

function readDependency(folder: string): Dependency {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version, license } = manifest as Record<'name' | 'version' | 'license', string>;
  return { folder, name, version, license };
}

function licenceText({ folder, name, license }: Dependency): string {
  const [file] = globSync('{LICENSE,LICENCE,License,license}*', { cwd: folder });
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8').trim();
  // It is our licence too, so the package has its text only once.
  if (license === 'Apache-2.0') return 'The text is in the file LICENSE.';
  if (license === 'MIT') return `Copyright (c) the authors of ${name}\n\n${MIT}`;
  if (license === 'ISC') return `Copyright (c) the authors of ${name}\n\n${ISC}`;
  throw new Error(`The package ${name} has no licence.`);
}

/** For packages that name this licence, or the next one, but do not contain its text. */
const ISC = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby
granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.`;

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
