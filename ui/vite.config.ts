import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // The browser host serves the page below a token, so every address is relative to the page.
  base: "./",
  plugins: [vue()],
  resolve: { alias: { "@wording": here("../assets/wording") } },
  server: { host: "127.0.0.1", port: 5173, strictPort: true, fs: { allow: [here("."), here("../assets/wording")] } },
  build: { target: "safari16", chunkSizeWarningLimit: 900 },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    css: false,
    server: { deps: { inline: ["element-plus"] } },
  },
});
