// The root certificate: its dates, and whether the system and the browsers trust it.
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ParsedCertificate } from '@gatehouse/x509';
import { readCertificates } from '../../input/pki-files.ts';
import { span } from '../../output/times.ts';
import { createRun, rootOf } from '../ca/trust-stores/store.ts';
import { findStores } from '../ca/trust-stores/trust.ts';
import { type Finding, ok, type Patient, problem, skipped, warning } from './finding.ts';

const SOON_MS = 90 * 86_400_000;

export async function checkRoot({ folder, now, context }: Patient): Promise<Finding[]> {
  const path = join(folder, 'root.pem');
  if (!(await exists(path))) return [skipped('root', `there is no ${path}: 'gatehouse up' writes it`)];
  const found = await readCertificates(path).catch((error: Error) => error);
  if (found instanceof Error) return [skipped('root', found.message)];
  const [root] = found;
  return [checkDates(root, now), ...(await checkStores(root, { path, env: context.process.env }))];
}

/** Also true for a file that this user may not look at. */
async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code !== 'ENOENT',
  );
}

function checkDates({ notBefore, notAfter }: ParsedCertificate, now: Date): Finding {
  const left = notAfter.getTime() - now.getTime();
  if (now < notBefore) {
    const message = `the root is valid from ${notBefore.toISOString()}, and the clock says ${now.toISOString()}`;
    return problem('root', message, 'set the clock', 'timedatectl set-ntp true');
  }
  const rotate = 'gatehouse ca rotate';
  if (left < 0)
    return problem(
      'root',
      `the root expired ${span(-left)} ago`,
      'make a new root, and give it to the clients',
      rotate,
    );
  if (left < SOON_MS)
    return warning(
      'root',
      `the root has ${span(left)} left`,
      'make a new root, and give it to the clients',
      rotate,
    );
  return ok('root', `the root has ${span(left)} left`);
}

async function checkStores(
  certificate: ParsedCertificate,
  { path, env }: { path: string; env: NodeJS.ProcessEnv },
): Promise<Finding[]> {
  const root = { ...rootOf(certificate), path };
  const surroundings = {
    platform: process.platform,
    environment: env,
    home: env.HOME ?? homedir(),
    run: createRun(env),
  };
  return Promise.all(
    findStores(surroundings).map(async (store) => {
      if ('reason' in store) return skipped('trust', `${store.name}: ${store.reason}`);
      const holds = await store.holds(root).catch(() => false);
      if (holds) return ok('trust', `${store.name} trusts the root`);
      const fix =
        'browsers and other programs on this machine do not trust our certificates; if they should, add the root';
      return warning('trust', `${store.name} does not trust the root`, fix, `gatehouse ca trust ${path}`);
    }),
  );
}
