// Draws pictures: node render.mjs DIR [NAME] makes DIR/NAME.png from each DIR/NAME.json of
// pictures.go whose name contains NAME, in headless Chromium.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [, , dir, only = ''] = process.argv;
const work = mkdtempSync(join(tmpdir(), 'pictures-'));
const here = import.meta.dirname;
const bundle = await build({
  entryPoints: [join(here, 'panels.jsx')], bundle: true, format: 'esm', write: false, jsx: 'automatic', outdir: work,
  define: { 'process.env.NODE_ENV': '"production"', global: 'window' }, logLevel: 'error', target: 'chrome120',
  loader: { '.svg': 'text', '.png': 'dataurl', '.woff2': 'dataurl', '.wasm': 'binary', '.ttf': 'empty' },
});
const script = bundle.outputFiles.find((f) => f.path.endsWith('.js')).text;
const css = bundle.outputFiles.filter((f) => f.path.endsWith('.css')).map((f) => f.text).join('\n');
writeFileSync(join(work, 'panels.js'), script);
try {
  for (const name of readdirSync(dir).filter((n) => n.endsWith('.json') && n.includes(only)).sort()) {
    const picture = JSON.parse(readFileSync(join(dir, name)));
    const bottom = Math.max(...picture.dashboard.panels.map((p) => p.gridPos.y + p.gridPos.h));
    const page = join(work, 'page.html');
    const json = JSON.stringify(picture).replaceAll('<', '\\u003c');
    writeFileSync(page, `<!doctype html><meta charset="utf-8"><style>${css}</style><body><script>window.picture=${json}</script><script type="module">${script.replaceAll('</script', '<\\/script')}</script>`);
    const out = join(dir, name.replace(/json$/, 'png'));
    execFileSync('chromium', [
      ...(process.env.DEBUG ? ['--enable-logging=stderr', '--v=0'] : []), '--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--force-device-scale-factor=1', '--lang=en-US',
      `--window-size=${picture.width},${bottom * 38 + 16}`, '--virtual-time-budget=8000', `--screenshot=${out}`, 'file://' + page,
    ], { stdio: process.env.DEBUG ? 'inherit' : 'ignore', timeout: 120000 });
    console.log(out);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
