// Prints the ids that Grafana knows, as JSON: of units, reducers, transformations, colour
// modes and matchers.
import * as data from '@grafana/data';
import { readFileSync } from 'node:fs';

const version = JSON.parse(readFileSync(new URL('node_modules/@grafana/data/package.json', import.meta.url))).version;
const ids = (registry) => registry.list().map((x) => x.id).sort();
console.log(JSON.stringify({
  from: `npm @grafana/data ${version}, Apache-2.0`,
  units: data.getValueFormats().flatMap((c) => c.submenu.map((u) => u.value)).sort(),
  reducers: ids(data.fieldReducers),
  transformations: [...new Set(Object.values(data.standardTransformers).map((t) => t.id))].sort(),
  colorModes: ids(data.fieldColorModeRegistry),
  matchers: ids(data.fieldMatchers),
}, null, 1));
