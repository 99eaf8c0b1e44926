// Starts a data plane process. It gets a new environment and working folder, and only these descriptors: the
// link, standard error, and the access log on standard output.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { LinkStreams } from '@gatehouse/dataplane';
import type { Runtime } from '../runtime/runtime.ts';

export interface LaunchedProcess {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined;
  readonly streams: LinkStreams;
  /** Ends the process at once. */
  kill(): void;
}

export interface LaunchOptions {
  runtime: Runtime;
  /** Whether the process writes the access log to our standard output. */
  logsToStdout: boolean;
  /** The file of the program; default: the data plane program. */
  program?: string | undefined;
}

const STDOUT = 1;
const KEPT_STDERR = 4000;

/** `exited` is called once, with how the process ended and the last lines of its standard error. */
export function launch(options: LaunchOptions, exited: (cause: string) => void): LaunchedProcess {
  const { runtime, logsToStdout, program = dataPlane() } = options;
  const child = spawn(runtime.command, [...runtime.args, program], {
    cwd: dirname(program),
    env: { ...systemEnvironment(), ...runtime.environment },
    stdio: ['pipe', 'pipe', 'pipe', logsToStdout ? STDOUT : 'ignore'],
    windowsHide: true,
  });
  const [stdin, stdout, stderr] = child.stdio as unknown as [Writable, Readable, Readable];
  let lastWords = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-KEPT_STDERR);
  });
  let hasStarted = false;
  child.on('spawn', () => {
    hasStarted = true;
  });
  child.on('error', (error) => {
    if (!hasStarted) exited(error.message);
  });
  child.on('close', (code, signal) => {
    if (!hasStarted) return;
    const how = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`;
    exited(lastWords === '' ? how : `${how}: ${lastWords.trim()}`);
  });
  return {
    pid: child.pid,
    streams: { input: stdout, output: stdin },
    kill: () => void child.kill('SIGKILL'),
  };
}

function dataPlane(): string {
  return fileURLToPath(import.meta.resolve('#dataplane'));
}

/** Windows needs this variable to load its libraries. */
function systemEnvironment(): Record<string, string> {
  const { SystemRoot } = process.env;
  return process.platform === 'win32' && SystemRoot !== undefined ? { SystemRoot } : {};
}
