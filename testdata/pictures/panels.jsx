// Draws a dashboard with Grafana's own components. In: window.picture, which pictures.go
// writes. The kinds of panel that npm does not hold are labelled stand-ins.
import * as data from '@grafana/data';
import { BarGauge, BigValue, ThemeContext, TimeSeries } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { initPluginTranslations } from '@grafana/i18n';
import { createRoot } from 'react-dom/client';

const picture = window.picture;
const theme = data.createTheme({ colors: { mode: picture.theme } });
const gap = 8;
const unit = 30; // height of a line of Grafana's grid
const column = (picture.width - 2 * gap + gap) / 24;

data.standardTransformersRegistry.setInit(() =>
  [...new Map(Object.values(data.standardTransformers).map((t) => [t.id, t])).values()].map((t) => ({ id: t.id, name: t.name, transformation: async () => t, imageDark: '', imageLight: '' }))
);

// The properties of fields that Grafana registers when it starts. Custom ones are those
// that panels of the dashboard name.
const standard = ['unit', 'decimals', 'min', 'max', 'color', 'thresholds', 'mappings', 'noValue', 'displayName', 'links', 'fieldMinMax', 'description'];

function registry(panel) {
  const property = (path, isCustom, defaultValue) => ({
    id: isCustom ? 'custom.' + path : path,
    path, isCustom, defaultValue, name: path, settings: {}, editor: () => null, override: () => null,
    process: data.identityOverrideProcessor, shouldApply: () => true,
  });
  const defaults = panel.type === 'timeseries' ? { drawStyle: 'line', lineInterpolation: 'linear', pointSize: 5, gradientMode: 'none', scaleDistribution: { type: 'linear' }, stacking: { mode: 'none', group: 'A' }, hideFrom: { viz: false, legend: false, tooltip: false }, thresholdsStyle: { mode: 'off' }, axisColorMode: 'text', axisBorderShow: false, axisCenteredZero: false, axisLabel: '', barAlignment: 0, lineWidth: 1, fillOpacity: 0, axisPlacement: 'auto', spanNulls: false, showPoints: 'never' } : {};
  const custom = new Set(Object.keys(defaults));
  const { defaults: all = {}, overrides = [] } = panel.fieldConfig ?? {};
  Object.keys(all.custom ?? {}).forEach((key) => custom.add(key));
  overrides.flatMap((o) => o.properties).forEach((p) => p.id.startsWith('custom.') && custom.add(p.id.slice('custom.'.length)));
  const out = new data.FieldConfigOptionsRegistry();
  standard.forEach((path) => out.register(property(path, false)));
  custom.forEach((path) => out.register(property(path, true, defaults[path])));
  return out;
}

async function frames(panel) {
  const result = picture.data[panel.id];
  let out = (result?.frames ?? []).map((f) => {
    const frame = data.toDataFrame(f);
    frame.fields.forEach((field) => (field.values = field.values.map((v) => (v === 'NaN' ? NaN : v === '+Inf' ? Infinity : v))));
    return frame;
  });
  if (panel.transformations?.length) {
    out = await new Promise((resolve) =>
      data.transformDataFrame(panel.transformations, out, { interpolate: (s) => s }).subscribe(resolve)
    );
  }
  const all = data.applyFieldOverrides({
    data: out, fieldConfig: panel.fieldConfig ?? { defaults: {}, overrides: [] }, theme, timeZone: 'utc',
    replaceVariables: (s) => s, fieldConfigRegistry: registry(panel),
  });
  data.cacheFieldDisplayNames(all);
  return all;
}

function range(panel) {
  const { from, to } = picture.data[panel.id] ?? picture;
  const [f, t] = [data.dateTime(from), data.dateTime(to)];
  return { from: f, to: t, raw: { from: f, to: t } };
}

function displays(panel, all) {
  return data.getFieldDisplayValues({
    fieldConfig: panel.fieldConfig, reduceOptions: panel.options.reduceOptions, data: all, theme, timeZone: 'utc',
    replaceVariables: (s) => s, sparkline: false,
  });
}

// lanes stands in for the state timeline: a lane for each series, coloured by mappings.
function lanes(panel, all, width, height) {
  const { from, to } = picture.data[panel.id];
  const at = (t) => (100 * (t - from)) / (to - from);
  const series = all.flatMap((frame) => frame.fields.filter((f) => f.type === 'number').map((field) => ({ frame, field })));
  if (!series.length) {
    return <NoData panel={panel} />;
  }
  return (
    <div style={{ height, overflow: 'hidden', fontSize: 12 }}>
      {series.map(({ frame, field }, i) => {
        const times = frame.fields[0].values;
        const spans = [];
        times.forEach((t, k) => {
          const value = field.values[k];
          const end = Math.min(times[k + 1] ?? t + (times[1] - times[0] || 0), t + 2 * (times[1] - times[0] || 0));
          const last = spans.at(-1);
          if (value == null) return;
          if (last && last.value === value && last.to >= t) last.to = end;
          else spans.push({ value, from: t, to: end });
        });
        return (
          <div key={i} style={{ display: 'flex', height: Math.max(14, (height - 20) / series.length), alignItems: 'center' }}>
            <div style={{ width: 150, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', textAlign: 'right', paddingRight: 8 }}>{data.getFieldDisplayName(field, frame, all)}</div>
            <div style={{ position: 'relative', flex: 1, height: '80%', overflow: 'hidden' }}>
              {spans.map((s, k) => {
                const shown = field.display(s.value);
                const wide = ((at(s.to) - at(s.from)) * (width - 160)) / 100;
                return (
                  <div key={k} style={{ position: 'absolute', left: at(s.from) + '%', width: at(s.to) - at(s.from) + '%', top: 0, bottom: 0, background: shown.color, opacity: 0.85, color: theme.colors.getContrastText(shown.color || '#888'), overflow: 'hidden', paddingLeft: wide > 30 ? 3 : 0, whiteSpace: 'nowrap' }}>
                    {wide > 8 * shown.text.length ? shown.text : ''}
                  </div>
                );
              })}
            </div>
          </div>
        );
      })}
      <div style={{ display: 'flex', justifyContent: 'space-between', paddingLeft: 150, color: theme.colors.text.secondary }}>
        {[0, 0.25, 0.5, 0.75, 1].map((x) => <span key={x}>{data.dateTimeFormat(from + x * (to - from), { timeZone: 'utc', format: 'MM/DD HH:mm' })}</span>)}
      </div>
    </div>
  );
}

function NoData({ panel }) {
  return <div style={{ height: '100%', display: 'flex', alignItems: 'center', justifyContent: 'center', color: theme.colors.text.secondary }}>{panel.fieldConfig?.defaults?.noValue || 'No data'}</div>;
}

function body(panel, all, width, height) {
  const empty = !all.some((f) => f.length > 0);
  switch (panel.type) {
    case 'text':
      return <div className="markdown-html" style={{ height, overflow: 'hidden' }} dangerouslySetInnerHTML={{ __html: data.renderTextPanelMarkdown(picture.texts[panel.id]) }} />;
    case 'stat': {
      const values = displays(panel, all);
      const side = values.length > 1 && panel.options.orientation !== 'horizontal';
      const size = side ? { width: width / values.length, height } : { width, height: height / values.length };
      return (
        <div style={{ display: 'flex', flexDirection: side ? 'row' : 'column' }}>
          {values.map((v, i) => (
            <BigValue key={i} theme={theme} value={v.display} colorMode={panel.options.colorMode} graphMode="none" textMode={panel.options.textMode} justifyMode={panel.options.justifyMode} count={values.length} wideLayout={panel.options.wideLayout} text={panel.options.text} {...size} />
          ))}
        </div>
      );
    }
    case 'timeseries':
      if (empty) return <NoData panel={panel} />;
      return (
        <TimeSeries frames={all} structureRev={1} timeRange={range(panel)} timeZone="utc" width={width} height={height} legend={panel.options.legend} options={panel.options}>
          {() => null}
        </TimeSeries>
      );
    case 'bargauge': {
      const values = displays(panel, all);
      return values.map((v, i) => (
        <BarGauge key={i} theme={theme} value={v.display} field={v.field} display={v.view?.getFieldDisplayProcessor?.(v.colIndex)} orientation="horizontal" displayMode={panel.options.displayMode} width={width} height={height / values.length - 4} />
      ));
    }
    case 'table':
      if (empty) return <NoData panel={panel} />;
      return <TableNG data={all[0]} width={width} height={height} initialSortBy={panel.options.sortBy} showTypeIcons={false} cellHeight={panel.options.cellHeight} structureRev={1} fieldConfig={panel.fieldConfig} getActions={() => []} />;
    case 'state-timeline':
      return lanes(panel, all, width, height);
  }
  return <div>no stand-in for {panel.type}</div>;
}

const native = ['stat', 'timeseries', 'bargauge', 'table'];

function Panel({ panel, all }) {
  const { x, y, w, h } = panel.gridPos;
  const box = { left: gap + x * column, top: gap + y * (unit + gap), width: w * column - gap, height: h * (unit + gap) - gap };
  if (panel.type === 'row') {
    return <div style={{ position: 'absolute', ...box, lineHeight: unit + 'px', fontSize: 16, fontWeight: 500, color: theme.colors.text.primary }}>⌄ {panel.title}</div>;
  }
  const error = picture.data[panel.id]?.error;
  const name = <span>{panel.title}</span>;
  return (
    <div style={{ position: 'absolute', ...box, background: theme.colors.background.primary, border: '1px solid ' + theme.colors.border.weak, borderRadius: 2, overflow: 'hidden' }}>
      <div style={{ height: 28, padding: '5px 8px 0', fontSize: 14, fontWeight: 500, whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis', display: 'flex', justifyContent: 'space-between' }}>
        {name}
        <span style={{ color: theme.colors.text.secondary, fontSize: 12, fontWeight: 400 }}>
          {panel.timeFrom ? 'Last ' + panel.timeFrom : ''}{' '}
          {native.includes(panel.type) || panel.type === 'text' ? '' : '(stand-in)'}
        </span>
      </div>
      <div style={{ padding: panel.type === 'table' ? 0 : '0 8px', height: box.height - 30 }}>
        {error ? <div style={{ color: 'red' }}>{error}</div> : body(panel, all, box.width - 18, box.height - 38)}
      </div>
    </div>
  );
}

const flat = picture.dashboard.panels.flatMap((p) => [p, ...(p.panels ?? [])]);
const shown = await Promise.all(flat.map(async (panel) => ({ panel, all: panel.type === 'row' || panel.type === 'text' ? [] : await frames(panel) })));
document.body.style.cssText = `margin:0;background:${theme.colors.background.canvas};color:${theme.colors.text.primary};font-family:${theme.typography.fontFamily};font-size:14px`;
const style = document.createElement('style');
style.textContent = `a{color:${theme.colors.text.link}} .markdown-html{font-size:13px;line-height:1.35} .markdown-html p,.markdown-html ul{margin:0 0 6px} .markdown-html code{background:${theme.colors.background.secondary};font-size:11px;white-space:pre-wrap} .markdown-html pre{margin:0 0 6px;padding:4px;background:${theme.colors.background.secondary};overflow:hidden} *{box-sizing:border-box} button{color:inherit;background:none;border:0;font:inherit;padding:0}
.u-wrap{position:relative;user-select:none}.u-over,.u-under{position:absolute}.u-under{overflow:hidden}.uplot canvas{display:block;position:relative;width:100%;height:100%}.u-axis{position:absolute}.u-legend,.u-select{display:none}.u-cursor-x,.u-cursor-y,.u-cursor-pt{display:none} table{border-collapse:collapse} td,th{padding:1px 8px 1px 0;text-align:left;font-size:12px}`;
document.head.append(style);
const root = document.createElement('div');
document.body.append(root);
createRoot(root).render(
  <ThemeContext.Provider value={theme}>{shown.map(({ panel, all }) => <Panel key={panel.id} panel={panel} all={all} />)}</ThemeContext.Provider>
);
