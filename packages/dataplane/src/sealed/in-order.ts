// Runs tasks, and uses their results in the order of the tasks. A result without a promise is used at once.

export class InOrder {
  #last: Promise<void> | undefined;

  /** Whether a task is still running. */
  get isBusy(): boolean {
    return this.#last !== undefined;
  }

  /** `failed` gets errors of the tasks and of the use of their results. */
  run<T>(work: () => T | Promise<T>, use: (result: T) => void, failed: (error: unknown) => void): void {
    if (!this.#last) {
      try {
        const result = work();
        if (!(result instanceof Promise)) {
          use(result);
          return;
        }
        this.#wait(result.then(use), failed);
      } catch (error) {
        failed(error);
      }
      return;
    }
    this.#wait(this.#last.then(work).then(use), failed);
  }

  /** Calls `then` when all work is done. */
  whenIdle(then: () => void): void {
    if (this.#last) this.#last.then(() => this.whenIdle(then));
    else then();
  }

  #wait(work: Promise<void>, failed: (error: unknown) => void): void {
    const last = work.catch(failed).then(() => {
      if (this.#last === last) this.#last = undefined;
    });
    this.#last = last;
  }
}
