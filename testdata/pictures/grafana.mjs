// Writes what of Grafana dashboards are checked against, to ../grafana: ids.json from
// @grafana/data, and schema.json, the JSON Schema of @grafana/schema for a dashboard and for
// the options and fields of each kind of panel.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

const here = import.meta.dirname;
const to = join(here, '..', 'grafana');
mkdirSync(to, { recursive: true });

// The registries of @grafana/data, which want a browser.
const bundle = join(here, 'ids.bundle.mjs');
await build({
  entryPoints: [join(here, 'ids.mjs')], bundle: true, platform: 'node', format: 'esm', outfile: bundle, logLevel: 'error',
  define: { window: 'globalThis' },
  banner: { js: `Object.defineProperty(globalThis, 'navigator', { value: { language: 'en-US', languages: ['en-US'] } }); import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
});
writeFileSync(join(to, 'ids.json'), execFileSync('node', [bundle]));
rmSync(bundle);

const schemaPackage = join(here, 'node_modules', '@grafana', 'schema');
const raw = join(schemaPackage, 'dist', 'types', 'raw');
const { version } = JSON.parse(readFileSync(join(schemaPackage, 'package.json')));
const schemaOf = (path, type) =>
  createGenerator({ path: join(raw, path), type, skipTypeCheck: true, additionalProperties: false, topRef: false, expose: 'none', jsDoc: 'none' }).createSchema(type);
const out = { from: `npm @grafana/schema ${version}, Apache-2.0`, dashboard: schemaOf('dashboard/x/types.gen.d.ts', 'Dashboard') };
for (const [kind, file] of Object.entries({ stat: 'stat', timeseries: 'timeseries', table: 'table', 'state-timeline': 'statetimeline', text: 'text' })) {
  const path = `composable/${file}/panelcfg/x/types.gen.d.ts`;
  out[kind] = { options: schemaOf(path, 'Options') };
  if (!['stat', 'text'].includes(kind)) out[kind].custom = schemaOf(path, 'FieldConfig');
}
writeFileSync(join(to, 'schema.json'), JSON.stringify(out, null, 1) + '\n');
