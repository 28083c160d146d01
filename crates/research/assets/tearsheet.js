// Draws the charts of a tear sheet as SVG and adds the page's manners: read-out, zoom, log scale,
// tabs, sorting, themes, print. Outside strings reach the page only as text nodes and attributes.
(() => {
  'use strict';
  const NS = 'http://www.w3.org/2000/svg';
  const root = document.documentElement;
  const specs = JSON.parse(document.getElementById('charts').textContent) || [];
  const wanted = new URLSearchParams(location.hash.slice(1));
  const groups = new Map();
  const charts = [];

  const live = document.createElement('div');
  live.className = 'hidden';
  live.setAttribute('aria-live', 'polite');
  document.body.append(live);

  // ---- numbers -----------------------------------------------------------------------------
  const minus = (text) => text.replace('-', '\u2212');
  const fixed = (v, d) => v.toLocaleString('en-US', { minimumFractionDigits: d, maximumFractionDigits: d });
  const decimals = (step) => Math.max(0, Math.min(8, -Math.floor(Math.log10(step) + 1e-9)));
  const short = (v, step) => {
    if (v === 0) return '0';
    const size = Math.max(Math.abs(v), step);
    for (const [limit, unit] of [[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e4, 'k']]) {
      if (size >= limit) {
        const scale = unit === 'k' ? 1e3 : limit;
        return fixed(v / scale, Math.min(2, decimals(step / scale))) + unit;
      }
    }
    return fixed(v, decimals(step));
  };
  const FORMATS = {
    percent: {
      axis: (v, step) => minus(fixed(v * 100, decimals(step * 100)) + '%'),
      full: (v) => minus(fixed(v * 100, 2) + '%'),
    },
    ratio: { axis: (v, step) => minus(fixed(v, decimals(step))), full: (v) => minus(fixed(v, 2)) },
    money: { axis: (v, step) => minus(short(v, step)), full: (v) => minus(fixed(v, 2)) },
    count: { axis: (v, step) => fixed(v, decimals(step)), full: (v) => fixed(v, 0) },
  };

  // Times and positions come as a first value and differences.
  const summed = (steps) => { let sum = 0; return steps.map((step) => (sum += step)); };

  // ---- time --------------------------------------------------------------------------------
  const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const two = (n) => String(n).padStart(2, '0');
  function clock(spec) {
    const seconds = spec.unit === 'd' ? 86400 : 60;
    const parts = spec.t.map((t) => {
      const d = new Date(t * seconds * 1000);
      return {
        y: d.getUTCFullYear(), m: d.getUTCMonth(), d: d.getUTCDate(),
        day: Math.floor((t * seconds) / 86400), min: Math.floor((t * seconds) / 60), h: d.getUTCHours(), i: d.getUTCMinutes(),
      };
    });
    const text = (i) => {
      const p = parts[i];
      const date = `${p.y}-${two(p.m + 1)}-${two(p.d)}`;
      return spec.unit === 'd' ? date : `${date} ${two(p.h)}:${two(p.i)}`;
    };
    return { parts, text };
  }
  // Finest first: how many points start a new unit decides which one is used.
  const UNITS = [
    ...[1, 5, 15, 30].map((n) => ({ key: (p) => Math.floor(p.min / n), label: 'time', text: (p) => `${two(p.h)}:${two(p.i - (p.i % n))}` })),
    ...[1, 2, 4].map((n) => ({ key: (p) => p.day * 24 + Math.floor(p.h / n) * n, label: 'time', text: (p) => `${two(p.h - (p.h % n))}:00` })),
    ...[1, 2, 7, 14].map((n) => ({ key: (p) => Math.floor((p.day + 3) / n), label: 'day' })),
    ...[1, 3, 6].map((n) => ({ key: (p) => Math.floor((p.y * 12 + p.m) / n), label: 'month' })),
    ...[1, 2, 5, 10].map((n) => ({ key: (p) => Math.floor(p.y / n), label: 'year' })),
  ];
  function timeTicks(parts, lo, hi, most) {
    const from = parts[lo], to = parts[hi];
    let marks = [];
    for (const unit of UNITS) {
      if (unit.label === 'time' && to.min - from.min > 60 * 24 * 6) continue;
      marks = [];
      for (let i = lo + 1; i <= hi && marks.length <= most; i++) {
        if (unit.key(parts[i]) !== unit.key(parts[i - 1])) marks.push({ i, label: unit.label, clock: unit.text });
      }
      if (marks.length <= most) break;
    }
    return marks.map(({ i, label, clock: text }, n) => {
      const p = parts[i], before = n ? parts[marks[n - 1].i] : parts[lo];
      if (label === 'year' || (label === 'month' && p.y !== before.y)) return { i, text: String(p.y), strong: label !== 'year' };
      if (label === 'month') return { i, text: MONTHS[p.m], strong: false };
      if (label === 'day') return { i, text: `${p.d} ${MONTHS[p.m]}`, strong: false };
      return p.day === before.day ? { i, text: text(p), strong: false } : { i, text: `${p.d} ${MONTHS[p.m]}`, strong: true };
    });
  }

  // ---- scales and shapes -------------------------------------------------------------------
  function linearTicks(lo, hi, most) {
    const raw = (hi - lo) / Math.max(1, most);
    const base = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * base).find((s) => s >= raw * 0.999);
    const ticks = [];
    for (let v = Math.ceil(lo / step - 1e-9) * step; v <= hi + step * 1e-9; v += step) ticks.push(Math.abs(v) < step / 1e6 ? 0 : v);
    return { ticks, step };
  }
  function scale(lo, hi, bottom, top, log) {
    if (!log) return (v) => bottom + ((v - lo) / (hi - lo)) * (top - bottom);
    const a = Math.log(lo), b = Math.log(hi);
    return (v) => bottom + ((Math.log(v) - a) / (b - a)) * (top - bottom);
  }
  function valueTicks(lo, hi, most, log) {
    if (log && hi / lo >= 8) {
      const ticks = [];
      for (let e = Math.floor(Math.log10(lo)); e <= Math.ceil(Math.log10(hi)); e++) {
        for (const m of [1, 2, 5]) {
          const v = m * 10 ** e;
          if (v >= lo && v <= hi) ticks.push(v);
        }
      }
      return { ticks, step: lo };
    }
    return linearTicks(lo, hi, most);
  }
  function make(parent, name, attributes, text) {
    const node = document.createElementNS(NS, name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  }
  function canvas(chart) {
    const width = chart.width, height = chart.height;
    chart.plot.textContent = '';
    return make(chart.plot, 'svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
  }
  function valueAxis(svg, box, ticks, format, y) {
    for (const v of ticks.ticks) {
      const at = Math.round(y(v)) + 0.5;
      make(svg, 'line', { class: v === 0 ? 'z' : 'g', x1: box.left, x2: box.right, y1: at, y2: at });
      make(svg, 'text', { x: box.left - 7, y: at + 3.5, 'text-anchor': 'end' }, format.axis(v, ticks.step));
    }
  }
  const axisWidth = (ticks, format) => 13 + 6.3 * Math.max(2, ...ticks.ticks.map((v) => format.axis(v, ticks.step).length));
  const rows = (height) => Math.max(2, Math.round(height / 46));
  function path(points) {
    let d = '', pen = false;
    for (const p of points) {
      if (!p) { pen = false; continue; }
      d += `${pen ? 'L' : 'M'}${p[0].toFixed(1)} ${p[1].toFixed(1)}`;
      pen = true;
    }
    return d;
  }
  function readout(chart, when, entries) {
    chart.legend.textContent = '';
    if (when) {
      const span = document.createElement('span');
      span.className = 'when';
      span.textContent = when;
      chart.legend.append(span);
    }
    for (const { name, color, dash, value } of entries) {
      const span = document.createElement('span');
      if (color) {
        const key = document.createElement('i');
        key.className = `key ${color}${dash ? ' dash' : ''}`;
        span.append(key);
      }
      span.append(name);
      if (value !== undefined) {
        const b = document.createElement('b');
        b.textContent = value;
        span.append(b);
      }
      chart.legend.append(span);
    }
    return [when, ...entries.map((e) => `${e.name} ${e.value === undefined ? '' : e.value}`)].filter(Boolean).join(', ');
  }
  function tool(chart, text, act) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = text;
    button.addEventListener('click', act);
    chart.tools.append(button);
    return button;
  }

  // ---- charts over time --------------------------------------------------------------------
  // A view is what the chart shows now: spec with t, lines, and marks for prices.
  function timeChart(chart) {
    const price = chart.spec.kind === 'price';
    let view, time, at, lo, hi, log = false, cut = false, cursor = null, scene = null;
    const load = (spec) => {
      view = { ...spec, t: summed(spec.t) };
      time = clock(view);
      at = spec.x ? summed(spec.x) : spec.t.map((_, i) => i);
      lo = 0;
      hi = spec.t.length - 1;
      cursor = null;
    };
    if (price) {
      const symbols = chart.spec.symbols;
      const load1 = (n) => {
        const s = symbols[n];
        load({ ...s, lines: [{ name: s.name, color: 'ink', shape: 'line', y: s.y }], format: 'ratio' });
      };
      load1(0);
      if (symbols.length > 1) {
        const select = document.createElement('select');
        select.setAttribute('aria-label', 'Symbol');
        symbols.forEach((s, n) => {
          const option = document.createElement('option');
          option.value = n;
          option.textContent = s.name;
          select.append(option);
        });
        select.addEventListener('change', () => { load1(Number(select.value)); chart.draw(); });
        chart.tools.append(select);
      }
    } else {
      load(chart.spec);
    }
    const format = FORMATS[view.format];
    const reset = tool(chart, 'Reset zoom', () => chart.everyone((c) => c.zoom(null)));
    reset.hidden = true;
    if (chart.spec.log) {
      // Growth by more than a power of ten shows only its last years on a straight axis.
      let least = Infinity, most = 0;
      for (const line of view.lines) for (const v of line.y) if (v !== null) { least = Math.min(least, v); most = Math.max(most, v); }
      log = least > 0 && most / least > 20;
      const button = tool(chart, 'Log', () => {
        log = !log;
        button.setAttribute('aria-pressed', String(log));
        chart.draw();
      });
      button.setAttribute('aria-pressed', String(log));
      button.setAttribute('aria-label', 'Logarithmic scale');
    }
    const stamp = (i) => view.t[i];
    const nearest = (t) => {
      let a = lo, b = hi;
      while (b - a > 1) {
        const mid = (a + b) >> 1;
        if (view.t[mid] <= t) a = mid; else b = mid;
      }
      return Math.abs(view.t[a] - t) <= Math.abs(view.t[b] - t) ? a : b;
    };
    chart.zoom = (range) => {
      lo = 0;
      hi = view.t.length - 1;
      if (range && view.t.length > 2) {
        const a = nearest(range[0]), b = nearest(range[1]);
        if (b - a >= 2) { lo = a; hi = b; }
      }
      reset.hidden = lo === 0 && hi === view.t.length - 1;
      chart.draw();
    };
    chart.point = (t) => {
      cursor = t === null ? null : nearest(t);
      return mark();
    };
    // The range without the outermost hundredths, where those would flatten everything else.
    const typical = (low, high) => {
      const all = view.lines.flatMap((line) => line.y.slice(lo, hi + 1)).filter((v) => v !== null).sort((a, b) => a - b);
      if (all.length < 50) return [low, high];
      const a = all[Math.floor(all.length * 0.01)], b = all[Math.ceil(all.length * 0.99) - 1];
      const room = (b - a) * 0.25;
      return high - low > 2 * (b - a) && b > a ? [Math.max(low, a - room), Math.min(high, b + room)] : [low, high];
    };
    chart.draw = () => {
      if (!chart.measure() || !view.t.length) return;
      const svg = canvas(chart);
      let low = Infinity, high = -Infinity;
      for (const line of view.lines) {
        for (let i = lo; i <= hi; i++) {
          const v = line.y[i];
          if (v === null || (log && v <= 0)) continue;
          if (v < low) low = v;
          if (v > high) high = v;
        }
        if (line.shape === 'area') { low = Math.min(low, 0); high = Math.max(high, 0); }
      }
      if (price) for (const f of view.fills) if (f[0] >= lo && f[0] <= hi) { low = Math.min(low, f[1]); high = Math.max(high, f[1]); }
      const whole = [low, high];
      if (view.robust) [low, high] = typical(low, high);
      if (!(low <= high)) { low = log ? 1 : 0; high = log ? 10 : 1; }
      if (low === high) { const pad = Math.abs(low) * 0.01 || 1; low -= pad; high += pad; }
      const pad = (high - low) * 0.05;
      const y0 = log ? low * 0.97 : low === 0 ? 0 : low - pad;
      const y1 = log ? high * 1.03 : high === 0 ? 0 : high + pad;
      const ticks = valueTicks(y0, y1, rows(chart.height - 34), log);
      const box = { left: axisWidth(ticks, format), right: chart.width - 10, top: 10, bottom: chart.height - 24 };
      const y = scale(y0, y1, box.bottom, box.top, log);
      const span = at[hi] - at[lo] || 1;
      const x = (i) => box.left + ((at[i] - at[lo]) / span) * (box.right - box.left);
      valueAxis(svg, box, ticks, format, y);
      cut = whole[0] < y0 || whole[1] > y1;
      const id = `clip${chart.number}`;
      const clip = make(svg, 'clipPath', { id });
      make(clip, 'rect', { x: box.left, y: box.top - 4, width: Math.max(1, box.right - box.left + 4), height: box.bottom - box.top + 8 });
      const inside = cut ? { 'clip-path': `url(#${id})` } : {};
      let last = -Infinity;
      for (const tick of timeTicks(time.parts, lo, hi, Math.max(2, Math.floor((box.right - box.left) / 62)))) {
        const px = x(tick.i);
        make(svg, 'line', { class: 'g', x1: Math.round(px) + 0.5, x2: Math.round(px) + 0.5, y1: box.top, y2: box.bottom });
        if (px - last < 40 || px > box.right - 12) continue;
        make(svg, 'text', { x: px, y: box.bottom + 16, 'text-anchor': 'middle', class: tick.strong ? 'strong' : '' }, tick.text);
        last = px;
      }
      for (const line of [...view.lines].reverse()) {
        const points = [];
        for (let i = lo; i <= hi; i++) {
          const v = line.y[i];
          points.push(v === null || (log && v <= 0) ? null : [x(i), y(v)]);
        }
        if (line.shape === 'area') {
          const known = points.filter(Boolean);
          if (known.length) {
            const base = y(0);
            make(svg, 'path', { class: `a ${line.color}`, d: `M${known[0][0].toFixed(1)} ${base}${path(known).replace('M', 'L')}L${known[known.length - 1][0].toFixed(1)} ${base}Z` });
          }
        }
        make(svg, 'path', { class: `l ${line.color}${line.shape === 'dashed' ? ' d' : ''}`, d: path(points), ...inside });
      }
      if (price) {
        for (const f of view.fills) {
          if (f[0] < lo || f[0] > hi) continue;
          const px = x(f[0]), py = y(f[1]), up = f[2] === 'b';
          const s = 6, dy = up ? 3 : -3, tip = up ? py + dy : py + dy, base = up ? tip + s * 1.7 : tip - s * 1.7;
          make(svg, 'path', { class: `m ${up ? 'gain' : 'loss'}`, d: `M${px.toFixed(1)} ${tip.toFixed(1)}L${(px - s).toFixed(1)} ${base.toFixed(1)}L${(px + s).toFixed(1)} ${base.toFixed(1)}Z` });
        }
      }
      const overlay = make(svg, 'g', {});
      scene = { svg, box, x, y, overlay };
      mark();
    };
    function mark() {
      if (!scene) return '';
      scene.overlay.textContent = '';
      const i = cursor === null ? hi : Math.min(hi, Math.max(lo, cursor));
      const entries = view.lines.map((line) => {
        let v = line.y[i];
        // Without a pointer the legend shows each line's last value.
        if (cursor === null) for (let j = hi; j >= lo && v === null; j--) v = line.y[j];
        return { name: line.name, color: line.color, dash: line.shape === 'dashed', value: v === null ? '\u2013' : format.full(v) };
      });
      if (price) {
        const here = cursor === null ? [] : view.fills.filter((f) => Math.abs(scene.x(f[0]) - scene.x(i)) < 4).slice(0, 3);
        if (here.length) here.forEach((f) => entries.push({ name: f[3], color: f[2] === 'b' ? 'gain' : 'loss' }));
        else entries.push({ name: 'Buy', color: 'gain' }, { name: 'Sell', color: 'loss' });
        if (view.note) entries.push({ name: view.note });
      }
      if (cursor !== null) {
        const px = Math.round(scene.x(i)) + 0.5;
        make(scene.overlay, 'line', { class: 'x', x1: px, x2: px, y1: scene.box.top, y2: scene.box.bottom });
        for (const line of view.lines) {
          const v = line.y[i];
          if (v !== null && !(log && v <= 0) && scene.y(v) >= scene.box.top - 4 && scene.y(v) <= scene.box.bottom + 4) make(scene.overlay, 'circle', { class: `dot ${line.color}`, cx: px, cy: scene.y(v), r: 3.6 });
        }
      }
      if (cut) entries.push({ name: 'axis cut off beyond the 1st and 99th percentile' });
      return readout(chart, time.text(i), entries);
    }
    const indexAt = (px) => {
      let a = lo, b = hi;
      while (b - a > 1) {
        const mid = (a + b) >> 1;
        if (scene.x(mid) <= px) a = mid; else b = mid;
      }
      return px - scene.x(a) <= scene.x(b) - px ? a : b;
    };
    let drag = null;
    const local = (event) => event.clientX - chart.plot.getBoundingClientRect().left;
    chart.plot.addEventListener('pointermove', (event) => {
      if (!scene) return;
      const px = local(event);
      if (drag !== null) {
        scene.overlay.textContent = '';
        make(scene.overlay, 'rect', { class: 'sel', x: Math.min(px, drag), width: Math.abs(px - drag), y: scene.box.top, height: scene.box.bottom - scene.box.top });
        return;
      }
      const t = stamp(indexAt(px));
      chart.everyone((c) => c.point(t));
    });
    chart.plot.addEventListener('pointerdown', (event) => {
      if (event.pointerType !== 'mouse' || event.button !== 0 || !scene) return;
      drag = local(event);
      chart.plot.setPointerCapture(event.pointerId);
    });
    chart.plot.addEventListener('pointerup', (event) => {
      if (drag === null) return;
      const px = local(event), from = drag;
      drag = null;
      if (Math.abs(px - from) > 8) {
        const range = [stamp(indexAt(Math.min(px, from))), stamp(indexAt(Math.max(px, from)))];
        chart.everyone((c) => c.zoom(range));
      }
    });
    chart.plot.addEventListener('dblclick', () => chart.everyone((c) => c.zoom(null)));
    chart.plot.addEventListener('pointerleave', () => { if (drag === null) chart.everyone((c) => c.point(null)); });
    chart.plot.addEventListener('keydown', (event) => {
      const jump = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key];
      let i;
      if (jump) i = Math.min(hi, Math.max(lo, (cursor === null ? hi : cursor) + jump));
      else if (event.key === 'Home') i = lo;
      else if (event.key === 'End') i = hi;
      else if (event.key === 'Escape') { chart.everyone((c) => c.point(null)); return; }
      else return;
      event.preventDefault();
      const t = stamp(i);
      chart.everyone((c) => { const text = c.point(t); if (c === chart) live.textContent = text; });
    });
    chart.plot.addEventListener('blur', () => chart.everyone((c) => c.point(null)));
  }

  // ---- bars, histogram, scatter, waterfall -------------------------------------------------
  // Each gets a list of targets; pointer and arrow keys pick one.
  function picker(chart, rest) {
    let targets = [], chosen = null;
    const show = (n, aloud) => {
      if (chosen !== null && targets[chosen]) targets[chosen].nodes.forEach((node) => node.classList.remove('on'));
      chosen = n;
      if (n === null) { rest(); return; }
      targets[n].nodes.forEach((node) => node.classList.add('on'));
      const text = readout(chart, targets[n].title, targets[n].entries);
      if (aloud) live.textContent = text;
    };
    chart.plot.addEventListener('pointermove', (event) => {
      const frame = chart.plot.getBoundingClientRect();
      const px = event.clientX - frame.left, py = event.clientY - frame.top;
      let best = null, near = Infinity;
      targets.forEach((target, n) => {
        const d = target.distance(px, py);
        if (d < near) { near = d; best = n; }
      });
      show(best !== null && near <= (targets[best].reach || Infinity) ? best : null, false);
    });
    chart.plot.addEventListener('pointerleave', () => show(null, false));
    chart.plot.addEventListener('blur', () => show(null, false));
    chart.plot.addEventListener('keydown', (event) => {
      const jump = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      if (!jump || !targets.length) return;
      event.preventDefault();
      show(chosen === null ? (jump > 0 ? 0 : targets.length - 1) : Math.min(targets.length - 1, Math.max(0, chosen + jump)), true);
    });
    return (list) => { targets = list; chosen = null; rest(); };
  }
  function barChart(chart) {
    const spec = chart.spec, format = FORMATS[spec.format];
    const keys = () => readout(chart, '', spec.bars.length > 1 ? spec.bars.map((b) => ({ name: b.name, color: b.color })) : []);
    const offer = picker(chart, keys);
    chart.draw = () => {
      if (!chart.measure()) return;
      const svg = canvas(chart);
      const values = spec.bars.flatMap((b) => b.y).filter((v) => v !== null);
      let low = Math.min(0, ...values), high = Math.max(0, ...values);
      if (low === high) high = low + 0.01;
      const pad = (high - low) * 0.05;
      if (low < 0) low -= pad;
      if (high > 0) high += pad;
      const ticks = linearTicks(low, high, rows(chart.height - 34));
      const box = { left: axisWidth(ticks, format), right: chart.width - 6, top: 10, bottom: chart.height - 24 };
      const y = scale(low, high, box.bottom, box.top, false);
      valueAxis(svg, box, ticks, format, y);
      const n = spec.categories.length, slot = (box.right - box.left) / n;
      const each = Math.min(34, (slot * (n > 40 ? 0.9 : 0.74)) / spec.bars.length);
      const every = Math.ceil(46 / slot);
      const targets = spec.categories.map((category, i) => {
        const mid = box.left + slot * (i + 0.5), nodes = [];
        spec.bars.forEach((bar, k) => {
          const v = bar.y[i];
          if (v === null) return;
          const left = mid + (k - spec.bars.length / 2) * each;
          const top = Math.min(y(v), y(0));
          nodes.push(make(svg, 'rect', { class: `b ${bar.color}`, x: left.toFixed(1), width: Math.max(1, each - (each > 6 ? 2 : 0.5)).toFixed(1), y: top.toFixed(1), height: Math.max(0.5, Math.abs(y(v) - y(0))).toFixed(1) }));
        });
        const yearly = n > 14 && /^\d{4}-\d{2}$/.test(category);
        const text = yearly ? (category.endsWith('-01') ? category.slice(0, 4) : '') : i % every === 0 ? category : '';
        if (text) make(svg, 'text', { x: mid, y: box.bottom + 16, 'text-anchor': 'middle' }, text);
        return {
          nodes, title: category, distance: (px) => Math.abs(px - mid),
          entries: spec.bars.map((b) => ({ name: b.name, color: b.color, value: b.y[i] === null ? '\u2013' : format.full(b.y[i]) })),
        };
      });
      offer(targets);
    };
  }
  function histogram(chart) {
    const spec = chart.spec, percent = FORMATS.percent;
    const offer = picker(chart, () => readout(chart, '', [{ name: 'Losing days', color: 'loss' }, { name: 'Winning days', color: 'gain' }, { name: 'Normal', color: 'ink' }, ...spec.marks.map((m) => ({ name: m.label, value: percent.full(m.x) }))]));
    chart.draw = () => {
      if (!chart.measure()) return;
      const svg = canvas(chart);
      const high = Math.max(...spec.counts, ...spec.normal) * 1.08;
      const ticks = linearTicks(0, high, rows(chart.height - 34));
      const box = { left: axisWidth(ticks, FORMATS.count), right: chart.width - 10, top: 14, bottom: chart.height - 24 };
      const first = spec.edges[0], last = spec.edges[spec.edges.length - 1];
      const x = (v) => box.left + ((v - first) / (last - first)) * (box.right - box.left);
      const y = scale(0, high, box.bottom, box.top, false);
      valueAxis(svg, box, ticks, FORMATS.count, y);
      const across = linearTicks(first, last, Math.max(2, Math.floor((box.right - box.left) / 70)));
      for (const v of across.ticks) make(svg, 'text', { x: x(v), y: box.bottom + 16, 'text-anchor': 'middle' }, percent.axis(v, across.step));
      const targets = spec.counts.map((count, i) => {
        const left = x(spec.edges[i]), right = x(spec.edges[i + 1]);
        const node = make(svg, 'rect', { class: `b ${spec.edges[i + 1] <= 1e-12 ? 'loss' : 'gain'}`, x: left.toFixed(2), width: Math.max(0.6, right - left - 0.8).toFixed(2), y: y(count).toFixed(1), height: (box.bottom - y(count)).toFixed(1) });
        return {
          nodes: [node], title: `${percent.full(spec.edges[i])} to ${percent.full(spec.edges[i + 1])}`, distance: (px) => Math.abs(px - (left + right) / 2),
          entries: [{ name: 'Days', value: fixed(count, 0) }, { name: 'Normal', value: fixed(spec.normal[i], 1) }],
        };
      });
      make(svg, 'path', { class: 'l ink', d: path(spec.normal.map((v, i) => [x((spec.edges[i] + spec.edges[i + 1]) / 2), y(v)])) });
      spec.marks.forEach((m, i) => {
        const px = Math.round(x(m.x)) + 0.5;
        make(svg, 'line', { class: 'x', x1: px, x2: px, y1: box.top, y2: box.bottom });
        make(svg, 'text', { class: 'label', x: px - 5, y: box.top + 9 + 15 * i, 'text-anchor': 'end' }, m.label);
      });
      offer(targets);
    };
  }
  function scatter(chart) {
    const spec = chart.spec, percent = FORMATS.percent;
    const offer = picker(chart, () => readout(chart, '', [{ name: 'Winner', color: 'gain' }, { name: 'Loser', color: 'loss' }]));
    chart.draw = () => {
      if (!chart.measure()) return;
      const svg = canvas(chart);
      const bounds = (k) => {
        let low = Math.min(0, ...spec.points.map((p) => p[k])), high = Math.max(0, ...spec.points.map((p) => p[k]));
        if (low === high) high = low + 0.01;
        const pad = (high - low) * 0.05;
        return [low < 0 ? low - pad : 0, high > 0 ? high + pad : 0];
      };
      const [x0, x1] = bounds(0), [y0, y1] = bounds(1);
      const ticks = linearTicks(y0, y1, rows(chart.height - 50));
      const box = { left: axisWidth(ticks, percent), right: chart.width - 12, top: 10, bottom: chart.height - 40 };
      const x = (v) => box.left + ((v - x0) / (x1 - x0)) * (box.right - box.left);
      const y = scale(y0, y1, box.bottom, box.top, false);
      valueAxis(svg, box, ticks, percent, y);
      const across = linearTicks(x0, x1, Math.max(2, Math.floor((box.right - box.left) / 70)));
      for (const v of across.ticks) {
        const px = Math.round(x(v)) + 0.5;
        make(svg, 'line', { class: v === 0 ? 'z' : 'g', x1: px, x2: px, y1: box.top, y2: box.bottom });
        make(svg, 'text', { x: px, y: box.bottom + 16, 'text-anchor': 'middle' }, percent.axis(v, across.step));
      }
      make(svg, 'text', { class: 'label', x: (box.left + box.right) / 2, y: box.bottom + 33, 'text-anchor': 'middle' }, spec.x_label);
      offer(spec.points.map(([a, b, label]) => ({
        nodes: [make(svg, 'circle', { class: `p ${b < 0 ? 'loss' : 'gain'}`, cx: x(a).toFixed(1), cy: y(b).toFixed(1), r: 3 })],
        title: label, reach: 14, distance: (px, py) => Math.hypot(px - x(a), py - y(b)), entries: [{ name: spec.x_label, value: percent.full(a) }],
      })));
    };
  }
  function waterfall(chart) {
    const spec = chart.spec, money = FORMATS.money;
    const offer = picker(chart, () => readout(chart, '', []));
    chart.draw = () => {
      if (!chart.measure(44 + spec.steps.length * 36)) return;
      const svg = canvas(chart);
      let level = 0;
      const spans = spec.steps.map((s) => {
        const from = s.total ? 0 : level;
        level = s.total ? s.value : level + s.value;
        return [from, level];
      });
      const low = Math.min(0, ...spans.flat()), high = Math.max(0, ...spans.flat());
      const room = (high - low || 1) * 0.02;
      const box = { left: Math.min(122, chart.width * 0.32), right: chart.width - 92, top: 6, bottom: chart.height - 26 };
      const x = (v) => box.left + ((v - low) / (high - low + room || 1)) * (box.right - box.left);
      const across = linearTicks(low, high || 1, Math.max(2, Math.floor((box.right - box.left) / 80)));
      for (const v of across.ticks) {
        const px = Math.round(x(v)) + 0.5;
        make(svg, 'line', { class: v === 0 ? 'z' : 'g', x1: px, x2: px, y1: box.top, y2: box.bottom });
        make(svg, 'text', { x: px, y: box.bottom + 16, 'text-anchor': 'middle' }, money.axis(v, across.step));
      }
      const slot = (box.bottom - box.top) / spec.steps.length;
      offer(spec.steps.map((s, i) => {
        const [from, to] = spans[i], mid = box.top + slot * (i + 0.5);
        const left = Math.min(x(from), x(to)), right = Math.max(x(from), x(to));
        make(svg, 'text', { class: s.total ? 'strong' : 'label', x: box.left - 9, y: mid + 4, 'text-anchor': 'end' }, s.label);
        const node = make(svg, 'rect', { class: `b ${s.value < 0 ? 'loss' : 'gain'}`, x: left.toFixed(1), width: Math.max(1.5, right - left).toFixed(1), y: (mid - slot * 0.32).toFixed(1), height: (slot * 0.64).toFixed(1) });
        make(svg, 'text', { class: s.total ? 'strong' : 'label', x: right + 7, y: mid + 4 }, money.full(s.value));
        return { nodes: [node], title: s.label, entries: [{ name: '', value: money.full(s.value) }], distance: (px, py) => Math.abs(py - mid) };
      }));
    };
  }

  const KINDS = { time: timeChart, price: timeChart, bars: barChart, histogram, scatter, waterfall };
  let printing = 0;
  for (const figure of document.querySelectorAll('figure.chart')) {
    const spec = specs[Number(figure.dataset.chart)];
    if (!spec || !KINDS[spec.kind]) continue;
    const chart = {
      spec, figure, number: charts.length, width: 0, height: 0,
      plot: figure.querySelector('.plot'), legend: figure.querySelector('.legend'), tools: figure.querySelector('.tools'),
    };
    chart.measure = (height) => {
      const half = figure.matches('.grid > figure:not(:last-child:nth-child(odd))');
      const own = printing ? (half ? printing / 2 - 28 : printing - 22) : chart.plot.clientWidth;
      if (own < 40) return false;
      chart.width = own;
      chart.height = Math.round((height || spec.height) * (own < 460 && !height ? 0.82 : 1));
      return true;
    };
    if (spec.group) {
      if (!groups.has(spec.group)) groups.set(spec.group, []);
      groups.get(spec.group).push(chart);
    }
    chart.everyone = (act) => (spec.group ? groups.get(spec.group) : [chart]).forEach(act);
    KINDS[spec.kind](chart);
    charts.push(chart);
    new ResizeObserver(() => { if (!printing && chart.plot.clientWidth !== chart.width) chart.draw(); }).observe(chart.plot);
    chart.draw();
  }

  // ---- tabs, sorting, theme, print ---------------------------------------------------------
  const tabs = [...document.querySelectorAll('[data-tab]')];
  const sections = [...document.querySelectorAll('section.strategy')];
  let shown = Math.max(0, Math.min(tabs.length - 1, Number(wanted.get('strategy')) || 0));
  function show(n) {
    shown = n;
    tabs.forEach((tab, i) => tab.setAttribute('aria-current', String(i === n)));
    sections.forEach((section, i) => { section.hidden = i !== n; });
  }
  if (tabs.length) {
    tabs.forEach((tab, i) => tab.addEventListener('click', () => {
      show(i);
      sections[i].scrollIntoView({ block: 'start' });
    }));
    show(shown);
  }

  for (const table of document.querySelectorAll('table.sortable')) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const down = head.getAttribute('aria-sort') !== 'descending';
        heads.forEach((other) => other.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const body = table.tBodies[0];
        const value = (row) => {
          const cell = row.cells[column];
          if (cell.classList.contains('na')) return null;
          return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
        };
        const sign = down ? -1 : 1;
        const sorted = [...body.rows].map((row) => [value(row), row]).sort(([a], [b]) => {
          if (a === null || b === null) return (a === null) - (b === null);
          return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en'));
        });
        body.append(...sorted.map(([, row]) => row));
      });
    });
  }

  const button = document.getElementById('theme');
  const dark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
  const name = () => { button.textContent = dark() ? 'Light' : 'Dark'; };
  let kept = null;
  try { kept = localStorage.getItem('tearsheet-theme'); } catch { /* file pages may have no storage */ }
  const start = wanted.get('theme') || kept;
  if (start === 'dark' || start === 'light') root.dataset.theme = start;
  name();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', name);
  button.addEventListener('click', () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    try { localStorage.setItem('tearsheet-theme', root.dataset.theme); } catch { /* as above */ }
    name();
  });

  addEventListener('beforeprint', () => {
    printing = 720;
    sections.forEach((section) => { section.hidden = false; });
    document.querySelectorAll('details').forEach((d) => { d.open = true; });
    charts.forEach((chart) => chart.draw());
  });
  addEventListener('afterprint', () => {
    printing = 0;
    if (tabs.length) show(shown);
    charts.forEach((chart) => chart.draw());
  });
})();
