import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

// Tests import the sources of the packages; only threads and child processes that tests start run the built
// output.
const conditions = ['@ripen/source', ...defaultServerConditions]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'bench/*.test.mjs'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    fileParallelism: true,
    // Tests wait for servers and timers more than they compute.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    allowOnly: process.env.CI === undefined,
  },
})
