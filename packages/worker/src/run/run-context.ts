import { AsyncResource } from 'node:async_hooks'

const ours = { requireManualDestroy: true }

/**
 * The async context in which `run()` was called: what code of the application sees in its AsyncLocalStorages
 * when the worker calls it, whatever other jobs have put there.
 */
export class RunContext {
  #outer = new AsyncResource('RipenWorker', ours)

  /** From now on the context of the caller. */
  capture(): void {
    this.#outer = new AsyncResource('RipenWorker', ours)
  }

  call<A, B, Answer>(code: (a: A, b: B) => Answer, a: A, b: B): Answer {
    return this.#outer.runInAsyncScope(callApart, undefined, code, a, b) as Answer
  }
}

/**
 * In a resource of its own: up to Node.js 22 `enterWith` sets the resource in which it is called, for all
 * that is called there later.
 */
function callApart(code: (a: unknown, b: unknown) => unknown, a: unknown, b: unknown): unknown {
  const resource = new AsyncResource('RipenJob', ours)
  try {
    return resource.runInAsyncScope(code, undefined, a, b)
  } finally {
    resource.emitDestroy()
  }
}
