/// <reference types="vite/client" />

// As one file: to start a worker for each takes longer than the tests.
import.meta.glob('../../domain/**/*.test.ts', { eager: true })
