// Threads for password hashes. Node's own pool could compute them, too, but it also signs tokens and reads
// files. These would wait during a flood of sign-ins. A thread starts when it is first needed.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** The parameters of `argon2Sync`. */
export interface HashParameters {
  message: Uint8Array;
  nonce: Uint8Array;
  tagLength: number;
  memory: number;
  passes: number;
  parallelism: number;
}

export type HashAnswer = { tag: Uint8Array } | { error: unknown };

/** Computes Argon2id (RFC 9106). */
export type Argon2id = (parameters: HashParameters) => Promise<Uint8Array>;

// The thread has little JavaScript, and the memory of Argon2 is not in its heap.
const RESOURCES = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };

/**
 * Every call uses its own thread while it runs, so the caller limits how many run at once. Idle threads do
 * not prevent the process from ending.
 */
export function createHashThreads(): Argon2id {
  const idle: Worker[] = [];

  return async (parameters) => {
    const thread = idle.pop() ?? startThread(idle);
    thread.ref();
    const answer = await ask(thread, parameters);
    thread.unref();
    idle.push(thread);
    if ('error' in answer) throw answer.error;
    return answer.tag;
  };
}

function startThread(idle: Worker[]): Worker {
  const file = fileURLToPath(import.meta.resolve('#hash-thread'));
  const thread = new Worker(file, { name: 'password hash', resourceLimits: RESOURCES });
  // If an idle thread fails, the server continues without it.
  thread.on('error', () => {});
  thread.on('exit', () => void idle.splice(0, idle.length, ...idle.filter((other) => other !== thread)));
  return thread;
}

/** Rejects if the thread ends. It is then not used again. */
function ask(thread: Worker, parameters: HashParameters): Promise<HashAnswer> {
  return new Promise((resolve, reject) => {
    const answered = (answer: HashAnswer) => {
      thread.off('error', failed).off('exit', ended);
      resolve(answer);
    };
    const failed = (error: unknown) => {
      thread.off('message', answered).off('exit', ended);
      reject(error);
    };
    const ended = (code: number) =>
      failed(new Error(`the thread for password hashes ended with code ${code}`));
    thread.once('message', answered).once('error', failed).once('exit', ended);
    thread.postMessage(parameters);
  });
}
