import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // Served from any folder.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    emptyOutDir: true,
    // No data: addresses, which the Content-Security-Policy would have to allow for more than images.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      onwarn: (warning, warn) => {
        // "use client" says nothing to a page without a server.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
      },
    },
  },
})
