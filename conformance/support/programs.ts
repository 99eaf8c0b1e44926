// Clients and servers of others, if they are installed.
import { spawn, spawnSync } from 'node:child_process';

/** The value for `skip`: false when `python3` has all of these modules. */
export function withoutPython(modules: readonly string[], packages: string): string | false {
  const found = spawnSync('python3', ['-c', `import ${modules.join(', ')}`]).status === 0;
  return found ? false : `needs python3 with ${modules.join(', ')} (apt-get install ${packages})`;
}

/** The value for `skip`: false when the program prints its version. */
export function without(
  program: string,
  versionOption = '--version',
  aptPackage: string = program,
): string | false {
  const found = spawnSync(program, [versionOption], { env: ENVIRONMENT }).status === 0;
  return found ? false : `needs ${program} (apt-get install ${aptPackage})`;
}

/** Servers such as nginx are in folders that only administrators have on their path. */
export const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin`,
};

export interface RunningProgram {
  port: number;
  stop(): Promise<void>;
}

/** Starts a server that prints the port that the system chose: the first group of `announcement`. */
export function startProgram(
  program: string,
  args: readonly string[],
  announcement: RegExp,
): Promise<RunningProgram> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  return new Promise((resolve, reject) => {
    let output = '';
    const ended = new Promise<void>((resolveEnded) => {
      child.once('close', () => {
        process.off('exit', kill);
        resolveEnded();
        reject(new Error(`${program} ended: ${output}`));
      });
    });
    child.once('error', reject);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
        const port = announcement.exec(output)?.[1];
        if (port === undefined) return;
        const stop = () => {
          kill();
          return ended;
        };
        resolve({ port: Number(port), stop });
      });
    }
  });
}
