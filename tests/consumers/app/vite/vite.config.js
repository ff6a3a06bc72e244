import { defineConfig } from 'vite';

export default defineConfig({
  base: '/sub/folder/',
  // For `vite dev`: bundled into one file, the package would not find its worker.
  optimizeDeps: { exclude: ['serfiq'] },
});
