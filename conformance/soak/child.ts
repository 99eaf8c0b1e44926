// A part of a soak in a separate process, so that its pauses are not measured as pauses of the gateway. The
// two talk in JSON over the channel of child_process.fork.
import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface Child<Message> {
  /** The next message. Rejects if the process ends before it. */
  next(): Promise<Message>;
  send(message: unknown): void;
  /** Ends the process if it still runs. */
  end(): Promise<void>;
}

/** Runs the file at `url`; `childInput` returns `input` there. */
export function startChild<Message>(url: URL, input: unknown): Child<Message> {
  const child = fork(url, [JSON.stringify(input)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  void ended.then(() => process.off('exit', killed));
  const waiting: Message[] = [];
  let wake = () => {};
  child.on('message', (message) => {
    waiting.push(message as Message);
    wake();
  });
  return {
    async next() {
      if (waiting.length === 0) {
        const arrived = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([arrived, ended]);
      }
      const message = waiting.shift();
      if (message === undefined)
        throw new Error(`${url.pathname} ended with ${child.exitCode ?? child.signalCode}`);
      return message;
    },
    send: (message) => void child.send(message as object),
    async end() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** In the child: the input of `startChild`. After this call, the child ends with its parent. */
export function childInput<Input>(): Input {
  process.on('disconnect', () => process.exit());
  return JSON.parse(process.argv[2] ?? '') as Input;
}

/** In the child: sends a message to the parent. */
export function tellParent(message: unknown): void {
  process.send?.(message);
}

/** In the child: calls `take` with each message of the parent. */
export function onParent(take: (message: unknown) => void): void {
  process.on('message', take);
}
