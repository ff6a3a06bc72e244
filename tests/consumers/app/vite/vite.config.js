import { defineConfig } from 'vite';

export default defineConfig({
  base: '/sub/folder/',
  // For the development server up to Vite 7: if bundled into one file, the package would not find its worker.
  optimizeDeps: { exclude: ['serfiq'] },
});
