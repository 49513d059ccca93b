import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const require = createRequire(import.meta.url);
const here = import.meta.dirname;
/** 9 is within a few hundredths of the smallest, for a tenth of its time. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** The icons that templates name, one a line in icons.txt, and those of the themes: one SVG, symbols only. */
function spritePlugin(): Plugin {
  const folder = join(dirname(require.resolve("lucide-static/package.json")), "icons");
  const symbol = (name: string): string => {
    const svg = readFileSync(join(folder, `${name}.svg`), "utf8").replace(/<!--.*?-->/s, "");
    const body = svg.replace(/^\s*<svg[^>]*>|<\/svg>\s*$/g, "").replace(/\s+/g, " ");
    return `<symbol id="${name}" viewBox="0 0 24 24">${body.trim()}</symbol>`;
  };
  return {
    name: "quartier-sprite",
    generateBundle() {
      const names = new Set(readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean));
      for (const name of themeIcons()) names.add(name);
      const symbols = [...names].sort().map(symbol).join("");
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${symbols}</svg>`;
      this.emitFile({ type: "asset", name: "sprite.svg", originalFileName: "sprite.svg", source });
      const mark = readFileSync(join(here, "src/mark.svg"));
      this.emitFile({ type: "asset", name: "mark.svg", originalFileName: "src/mark.svg", source: mark });
    },
  };
}

function themeIcons(): string[] {
  const [head, ...rows] = readFileSync(join(here, "../../data/themes/themes.csv"), "utf8").trim().split("\n");
  const column = head!.split(",").indexOf("icon");
  // quoted cells stand after the icon in this table
  return rows.map((row) => row.match(/("([^"]|"")*"|[^,]*)(,|$)/g)?.[column]?.replace(/[",\r]/g, "") ?? "").filter(Boolean);
}

/** Text files also as .br and .gz, so that the server compresses nothing while it serves. */
function compressPlugin(): Plugin {
  return {
    name: "quartier-compress",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        for (const item of Object.values(bundle)) {
          if (!/\.(js|mjs|css|svg)$/.test(item.fileName)) continue;
          const content = Buffer.from(item.type === "chunk" ? item.code : item.source);
          this.emitFile({ type: "asset", fileName: `${item.fileName}.br`, source: brotliCompressSync(content, BROTLI) });
          this.emitFile({ type: "asset", fileName: `${item.fileName}.gz`, source: gzipSync(content, { level: 9 }) });
        }
      },
    },
  };
}

export default defineConfig({
  base: "/static/",
  publicDir: false,
  plugins: [spritePlugin(), compressPlugin()],
  build: {
    outDir: "static",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    target: "es2022",
    rolldownOptions: { input: { main: join(here, "src/main.ts"), docs: join(here, "src/docs.ts"), folium: join(here, "src/folium.ts") } },
  },
});
