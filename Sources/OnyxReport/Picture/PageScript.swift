/// The script of the page: moving, finding, folding.
///
/// Folding keeps what Graphviz placed: a box becomes one node where it began, and the room that nothing needs any more is taken out
/// of the picture row by row and column by column, so that nothing can change sides or come to lie over something else.
enum PageScript {
  static let text = state + folding + drawing + view + search + controls

  private static let state = """
    'use strict';
    const data = JSON.parse(document.getElementById('data').textContent);
    const byId = id => document.getElementById(id);
    const svg = document.querySelector('main svg'), scene = byId('scene'), stage = document.querySelector('main');
    const { nodes, groups, edges, columns } = data;
    const NS = 'http://www.w3.org/2000/svg';
    document.documentElement.classList.add('scripted');
    svg.removeAttribute('width'); svg.removeAttribute('height');
    nodes.forEach((n, i) => { n.el = byId('n' + i); n.text = (n.title + ' ' + n.details.map(d => d.text).join(' ')).toLowerCase(); });
    const columnAt = x => Math.max(0, columns.findIndex((c, i) => i + 1 === columns.length || x < columns[i + 1].x));
    groups.forEach((g, i) => {
      g.el = byId('g' + i); g.depth = g.parent == null ? 1 : groups[g.parent].depth + 1;
      [g.x, g.y, g.w, g.h] = g.boxes[0];
      g.axis = g.x + g.w / 2; g.column = columnAt(g.axis); g.top = Infinity;
      const end = g.boxes[g.boxes.length - 1];
      g.lastColumn = columnAt(end[0] + end[2] / 2);
    });
    // A box that is closed stands where its first node did.
    for (const n of nodes)
      for (let g = n.group; g != null; g = groups[g].parent)
        if (n.column === groups[g].column && n.y < groups[g].top) { groups[g].top = n.y; groups[g].axis = n.x; }
    edges.forEach((e, i) => {
      e.el = byId('e' + i); e.label = byId('l' + i);
      if (e.el) e.el.classList.add('edge');
      if (e.label) e.lx = +e.label.getAttribute('x');
    });
    const closed = new Set();
    let size = [data.width, data.height], chosen = null, shownCosts = [];

    """

  private static let folding = """
    function outermostClosed(group) {
      let found = null;
      for (let g = group; g != null; g = groups[g].parent) if (closed.has(g)) found = g;
      return found;
    }
    function element(name, attributes, text) {
      const e = document.createElementNS(NS, name);
      for (const key in attributes) e.setAttribute(key, attributes[key]);
      if (text != null) e.textContent = text;
      return e;
    }
    function short(n) {
      for (const [limit, unit] of [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) if (n >= limit) return (n / limit).toPrecision(3) + ' ' + unit;
      return '' + n;
    }
    function level(part, largest) {
      return part > 0 && largest > 0 ? Math.min(9, Math.max(1, Math.ceil(9 * Math.sqrt(part / largest)))) : 0;
    }
    const between = (v, low, high) => low > high ? (low + high) / 2 : Math.min(high, Math.max(low, v));
    // The node that stands for a closed box, made when it is needed first.
    function box(i) {
      const g = groups[i];
      if (g.box) return g.box;
      const sub = g.nodes + ' nodes' + (g.macs ? ', ' + short(g.macs) + ' MACs' : '');
      const w = Math.min(420, Math.max(8.6 * g.title.length, 6.8 * sub.length) + 50), h = 44;
      const el = element('g', { id: 'b' + i });
      el.append(element('title', {}, g.title + '\\nClick to open'));
      el.append(element('rect', { class: 'body', x: -w / 2, y: -h / 2, width: w, height: h, rx: 6 }));
      el.append(element('rect', { class: 'stripe', x: -w / 2 + 6, y: -h / 2 + 7, width: 3, height: h - 14, rx: 1.5 }));
      el.append(element('text', { class: 'title', y: -3 }, g.title), element('text', { class: 'sub', y: 13 }, sub));
      el.append(element('text', { class: 'sign', x: w / 2 - 8, y: 5 }, '+'));
      el.addEventListener('click', () => { if (!moved) { closed.delete(i); update(el); } });
      byId('nodes').append(el);
      const x = between(g.axis, g.x + w / 2, g.x + g.w - w / 2), kind = `node closed ${g.isBlock ? 'attention' : 'movement'}`;
      return g.box = { el, x, y: g.y + h / 2 + 24, w, h, column: g.column, macs: g.macs, ms: g.ms, kind };
    }
    // A map that keeps the ranges, in order and as wide as they are, and narrows what lies between to `gap`.
    function squeeze(ranges, gap) {
      ranges.sort((a, b) => a[0] - b[0]);
      const from = [], to = [];
      let end = null, shift = 0;
      for (const [a, b] of ranges) {
        if (end != null && a - end > gap) {
          from.push(end, a); to.push(end - shift, end - shift + gap);
          shift += a - end - gap;
        }
        end = end == null ? b : Math.max(end, b);
      }
      return v => {
        let low = 0, high = from.length;
        while (low < high) { const middle = (low + high) >> 1; if (from[middle] <= v) low = middle + 1; else high = middle; }
        if (low === 0) return v;
        const i = low - 1;
        if (i % 2 === 1 || i + 1 === from.length) return to[i] + v - from[i];
        return to[i] + (v - from[i]) * (to[i + 1] - to[i]) / (from[i + 1] - from[i]);
      };
    }

    """

  private static let drawing = """
    const least = (ranges, at) => ranges.reduce((low, range) => Math.min(low, range[at]), Infinity);
    const most = (ranges, at) => ranges.reduce((high, range) => Math.max(high, range[at]), -Infinity);
    // How each column is moved: places of the open picture to those of the folded one.
    function maps(rep, isShown, isBox) {
      if (!closed.size) return columns.map(c => ({ X: v => v, Y: v => v, ...c }));
      const rows = columns.map(() => []), widths = columns.map(() => []), centers = columns.map(() => []);
      const occupy = (b, c) => {
        rows[c].push([b.y - b.h / 2, b.y + b.h / 2 + 20]);
        widths[c].push([b.x - b.w / 2, b.x + b.w / 2]);
        centers[c].push(b.x);
      };
      nodes.forEach((n, i) => { if (rep[i] == null) occupy(n, n.column); });
      groups.forEach((g, i) => {
        if (isBox[i]) occupy(box(i), g.column);
        if (isShown[i]) for (const [x, y, w, h] of g.boxes) {
          const c = columnAt(x + w / 2);
          if (c === g.column) rows[c].push([y, y + 26]);
          if (c === g.lastColumn) rows[c].push([y + h - 10, y + h]);
          widths[c].push([x, x + 10], [x + w - 10, x + w]);
        }
      });
      edges.forEach(e => {
        const c = nodes[e.from].column;
        if (rep[e.from] != null || rep[e.to] != null) return;
        e.points.forEach(([x], i) => {
          const at = e.leave == null || i <= e.leave ? c : i >= e.enter ? nodes[e.to].column : null;
          if (at != null) widths[at].push([x - 6, x + 6]);
        });
        if (e.label) widths[c].push([e.lx, e.lx + 6.2 * e.label.textContent.length]);
      });
      const sized = columns.map((c, i) => {
        if (!rows[i].length) return null;
        const sx = squeeze(widths[i], 36), sy = squeeze(rows[i], 28), left = sx(least(widths[i], 0)), top = sy(least(rows[i], 0));
        const axis = sx(centers[i].sort((a, b) => a - b)[centers[i].length >> 1] ?? 0) - left;
        return { sx, sy, left, top, axis, w: sx(most(widths[i], 1)) - left, h: sy(most(rows[i], 1)) - top };
      });
      return arranged(sized);
    }
    function arranged(sized) {
      const map = [];
      let x = 8;
      for (const stack of stacked(sized)) {
        // What stands in the middle of most columns stands in one line.
        const axis = Math.max(...stack.map(i => sized[i] ? sized[i].axis : 0));
        const w = Math.max(...stack.map(i => sized[i] ? sized[i].w + axis - sized[i].axis : 0));
        let y = columns.length > 1 ? columns[0].y : 8, foot = y;
        for (const i of stack) {
          const s = sized[i] || { sx: v => 0, sy: v => 0, left: 0, top: 0, axis, w: 0, h: 0 }, at = [x + axis - s.axis, y];
          map[i] = { X: v => s.sx(v) - s.left + at[0], Y: v => s.sy(v) - s.top + at[1], y, h: s.h };
          foot = y + s.h;
          y = foot + (sized[i] ? 28 : 0);
        }
        for (const i of stack) Object.assign(map[i], { stack, right: x + w, foot });
        x += w + 98;
      }
      return map;
    }
    // Columns that folding has made short stand below one another again, until all has about the form of a screen.
    function stacked(sized) {
      const height = s => s ? s.h + 28 : 0, all = sized.reduce((sum, s) => sum + height(s), 0);
      let best = null;
      for (let count = 1; count <= sized.length; count++) {
        const stacks = [[]];
        let high = 0;
        sized.forEach((s, i) => {
          if (high && high + height(s) / 2 > all / count) { stacks.push([]); high = 0; }
          stacks[stacks.length - 1].push(i);
          high += height(s);
        });
        const tallest = Math.max(...stacks.map(stack => stack.reduce((sum, i) => sum + height(sized[i]), 0)));
        const wide = stacks.reduce((sum, stack) => sum + 98 + Math.max(...stack.map(i => sized[i] ? sized[i].w : 0)), -98);
        const ratio = wide / tallest / 1.6, distance = Math.max(ratio, 1 / ratio);
        if (!best || distance < best.distance) best = { distance, stacks };
      }
      return best.stacks;
    }
    function place() {
      const rep = nodes.map(n => outermostClosed(n.group));
      const isShown = groups.map((g, i) => outermostClosed(g.parent) == null && !closed.has(i));
      const isBox = groups.map((g, i) => closed.has(i) && outermostClosed(g.parent) == null);
      const map = maps(rep, isShown, isBox), shown = map.map(() => []);
      nodes.forEach((n, i) => {
        n.el.classList.toggle('gone', rep[i] != null);
        n.at = [map[n.column].X(n.x), map[n.column].Y(n.y)];
        if (rep[i] == null) shown[n.column].push(n);
      });
      groups.forEach((g, i) => {
        g.el.classList.toggle('gone', !isShown[i]);
        if (g.box) g.box.el.classList.toggle('gone', !isBox[i]);
        if (isBox[i]) { g.box.at = [map[g.column].X(g.box.x), map[g.column].Y(g.box.y)]; shown[g.column].push(g.box); }
        if (isShown[i]) placeGroup(g, map);
      });
      for (const stack of closed.size ? new Set(map.map(m => m.stack)) : []) align(stack, stack.flatMap(c => shown[c]), map, rep);
      const all = shown.flat();
      shownCosts = all;
      const greatest = Math.max(...all.map(n => n.macs || 0)), longest = Math.max(...all.map(n => n.ms || 0));
      for (const n of all) n.el.setAttribute('transform', `translate(${n.at[0]} ${n.at[1]})`);
      for (const n of all) {
        const keep = ['hit', 'chosen'].filter(c => n.el.classList.contains(c)).join(' ');
        n.kind = n.kind || n.el.getAttribute('class').replace(/ [mt]\\d\\b/g, '');
        n.el.setAttribute('class', `${n.kind} m${level(n.macs || 0, greatest)} t${level(n.ms || 0, longest)} ${keep}`);
      }
      placeEdges(rep, map);
      legend();
      size = closed.size ? [most(map.map(c => [0, c.right]), 1) + 16, most(map.map(c => [0, c.foot]), 1) + (columns.length > 1 ? 70 : 16)]
        : [data.width, data.height];
    }
    function placeGroup(g, map) {
      const rects = [...g.el.querySelectorAll('rect')], [text, ...more] = g.el.querySelectorAll('text');
      g.boxes.forEach(([x, y, w, h], part) => {
        const c = columnAt(x + w / 2), m = map[c], rect = rects[part];
        // What goes on in other columns ends with them.
        const top = c === g.column || !closed.size ? m.Y(y) : m.y, next = map[c + 1];
        const bottom = c === g.lastColumn || !closed.size ? m.Y(y + h) : next && next.stack === m.stack ? next.y : m.y + m.h;
        rect.setAttribute('x', m.X(x)); rect.setAttribute('y', top);
        if (part) { more[part - 1].setAttribute('x', m.X(x) + 10); more[part - 1].setAttribute('y', top - 5); }
        rect.setAttribute('width', Math.max(0, m.X(x + w) - m.X(x))); rect.setAttribute('height', Math.max(0, bottom - top));
      });
      text.setAttribute('x', map[g.column].X(g.x) + 10); text.setAttribute('y', map[g.column].Y(g.y) + 17);
    }
    const ends = (e, rep) => [e.from, e.to].map(i => rep[i] != null ? groups[rep[i]].box : nodes[i]);
    // Boxes that stand alone in their row come under what stands alone above them: where an edge passes by, as far as the room
    // reaches that they had when open, else as far as the box around them does.
    function align(stack, column, map, rep) {
      column.sort((a, b) => a.at[1] - b.at[1]);
      const isAlone = (n, i) => [i - 1, i + 1].every(j => !column[j] || Math.abs(column[j].at[1] - n.at[1]) > (column[j].h + n.h) / 2);
      const isPassed = n => edges.some(e => {
        const [u, v] = ends(e, rep), [a, b] = [u, v].map(n => stack.includes(n.column));
        return u !== v && u !== n && v !== n && (a || b) && (!a || u.at[1] < n.at[1]) && (!b || n.at[1] < v.at[1]);
      });
      column.forEach((n, i) => {
        const g = i ? groups.find(g => g.box === n) : null;
        if (!g || !isAlone(n, i) || !isAlone(column[i - 1], i - 1)) return;
        const { X } = map[g.column], above = column[i - 1].at[0];
        const around = isPassed(n) ? g : groups[g.parent];
        const room = around && (around.boxes.find(b => columnAt(b[0] + b[2] / 2) === g.column) || g.boxes[0]);
        n.at[0] = room ? between(above, X(room[0]) + n.w / 2 + 4, X(room[0] + room[2]) - n.w / 2 - 4) : above;
      });
    }
    function placeEdges(rep, map) {
      const seen = new Set(), labelled = new Set();
      edges.forEach(e => {
        if (!e.el) return;
        const [a, b] = [rep[e.from], rep[e.to]], [u, v] = ends(e, rep);
        const key = `${a != null ? 'b' + a : e.from} ${b != null ? 'b' + b : e.to} ${e.name}`, isGone = u === v || seen.has(key);
        seen.add(key);
        e.el.classList.toggle('gone', isGone);
        if (e.label) e.label.classList.toggle('gone', u === v || labelled.has(u.at + e.name));
        if (isGone) return;
        labelled.add(u.at + e.name);
        const start = [u.at[0], u.at[1] + u.h / 2], end = [v.at[0], v.at[1] - v.h / 2];
        e.el.setAttribute('d', path(e, u, v, start, end, [a, b], map));
        if (e.label) { e.label.setAttribute('x', start[0] + 6); e.label.setAttribute('y', start[1] + 14); }
      });
    }
    function path(e, u, v, start, end, boxes, map) {
      const isOpen = boxes[0] == null && boxes[1] == null, from = map[u.column], to = map[v.column];
      if (!closed.size || isOpen && e.leave == null) return chain(e.points.map(p => [from.X(p[0]), from.Y(p[1])]));
      const isIn = (p, g) => g.boxes.some(([x, y, w, h]) => p[0] >= x && p[0] <= x + w && p[1] >= y && p[1] <= y + h);
      const isHidden = p => boxes.some(i => i != null && isIn(p, groups[i]));
      const joints = (first, last, m) =>
        e.points.filter((p, i) => i % 3 === 0 && i > first && i < last && !isHidden(p)).map(p => [m.X(p[0]), m.Y(p[1])]);
      if (u.column === v.column) return curve(start, [...(e.leave == null ? joints(0, e.points.length - 1, from) : []), end]);
      const lane = 7 * (e.lane || 0), before = joints(0, e.leave, from), after = joints(e.enter, e.points.length - 1, to);
      const last = before.length ? before[before.length - 1] : start, first = after.length ? after[0] : end;
      if (from.stack === to.stack) return curve(start, [...before, ...after, end]);
      const [foot, side, head] = [from.foot + 22 + lane, from.right + 16 + lane, 8 + lane], turn = first[0] > side ? 8 : -8;
      return curve(start, before) + `L${last[0]} ${foot - 8}Q${last[0]} ${foot} ${last[0] + 8} ${foot}L${side - 8} ${foot}`
        + `Q${side} ${foot} ${side} ${foot - 8}L${side} ${head + 8}Q${side} ${head} ${side + turn} ${head}`
        + `L${first[0] - turn} ${head}Q${first[0]} ${head} ${first[0]} ${head + 8}L${first.join(' ')}`
        + curve(first, after.length ? [...after.slice(1), end] : []).replace(/^M[^CL]*/, '');
    }
    function chain(points) {
      let d = 'M' + points[0].join(' ');
      points.slice(1).forEach((p, i) => { d += (i % 3 === 0 ? 'C' : ' ') + p.join(' '); });
      return d;
    }
    // Through points from above to below, upright at each.
    function curve(start, points) {
      let d = 'M' + start.join(' '), last = start;
      points.forEach((p, i) => {
        const isEnd = i + 1 === points.length;
        if (!isEnd && (p[1] < last[1] + 16 || p[1] > points[points.length - 1][1] - 16)) return;
        const middle = (last[1] + p[1]) / 2;
        d += `C${last[0]} ${middle} ${p[0]} ${middle} ${p[0]} ${p[1]}`;
        last = p;
      });
      return d;
    }

    """

  private static let view = """
    let [k, tx, ty] = [1, 24, 24], moved = false;
    function show() { scene.setAttribute('transform', `translate(${tx} ${ty}) scale(${k})`); }
    function zoom(factor, x, y) {
      const next = Math.min(8, Math.max(0.02, k * factor));
      tx = x - (x - tx) * next / k; ty = y - (y - ty) * next / k; k = next;
      show();
    }
    function center(x, y, scale) { k = scale; tx = stage.clientWidth / 2 - x * k; ty = stage.clientHeight / 2 - y * k; show(); }
    function fit() {
      center(size[0] / 2, size[1] / 2, Math.min(1.5, (stage.clientWidth - 48) / size[0], (stage.clientHeight - 48) / size[1]));
    }
    // Readable from the top; the whole width when that is readable too.
    function home() {
      k = Math.min(1, Math.max(0.6, (stage.clientWidth - 48) / size[0]));
      const first = nodes.length ? nodes[0].at[0] : size[0] / 2;
      tx = size[0] * k <= stage.clientWidth ? (stage.clientWidth - size[0] * k) / 2
        : columns.length > 1 ? 24 : stage.clientWidth / 2 - first * k;
      ty = size[1] * k <= stage.clientHeight - 48 ? (stage.clientHeight - size[1] * k) / 2 : 24;
      show();
    }
    // Draws anew and keeps the element that was used where it is.
    function update(anchor) {
      const before = anchor && anchor.getBoundingClientRect();
      place(); show();
      if (!before) return;
      const after = anchor.getBoundingClientRect();
      if (after.width) { tx += before.left - after.left; ty += before.top - after.top; show(); }
    }
    const pointers = new Map();
    stage.addEventListener('pointerdown', e => { pointers.set(e.pointerId, [e.clientX, e.clientY]); moved = false; });
    window.addEventListener('pointermove', e => {
      const last = pointers.get(e.pointerId);
      if (!last) return;
      const [dx, dy] = [e.clientX - last[0], e.clientY - last[1]];
      if (pointers.size === 1) {
        if (!moved && Math.hypot(dx, dy) < 4) return;
        moved = true; stage.classList.add('moving');
        tx += dx; ty += dy; show();
      } else {
        moved = true;
        const other = [...pointers].find(([id]) => id !== e.pointerId)[1], frame = stage.getBoundingClientRect();
        const before = Math.max(1, Math.hypot(last[0] - other[0], last[1] - other[1]));
        const ratio = Math.hypot(e.clientX - other[0], e.clientY - other[1]) / before;
        zoom(ratio, other[0] - frame.left, other[1] - frame.top);
      }
      pointers.set(e.pointerId, [e.clientX, e.clientY]);
    });
    const release = e => { pointers.delete(e.pointerId); stage.classList.remove('moving'); };
    for (const name of ['pointerup', 'pointercancel']) window.addEventListener(name, release);
    stage.addEventListener('wheel', e => {
      e.preventDefault();
      const frame = stage.getBoundingClientRect();
      if (e.shiftKey || !e.ctrlKey && e.deltaX !== 0) { tx -= e.deltaX || e.deltaY; ty -= e.shiftKey ? 0 : e.deltaY; show(); }
      else zoom(Math.exp(-e.deltaY * 0.0016), e.clientX - frame.left, e.clientY - frame.top);
    }, { passive: false });

    """

  private static let search = """
    let hits = [], turn = -1;
    function find(text) {
      const wanted = text.trim().toLowerCase();
      hits = wanted ? nodes.map((n, i) => i).filter(i => nodes[i].text.includes(wanted)) : [];
      turn = -1;
      nodes.forEach(n => n.el.classList.remove('hit'));
      groups.forEach(g => g.box && g.box.el.classList.remove('hit'));
      for (const i of hits) {
        const b = outermostClosed(nodes[i].group);
        (b == null ? nodes[i] : groups[b].box).el.classList.add('hit');
      }
      scene.classList.toggle('searching', hits.length > 0);
      byId('found').textContent = wanted ? '' + hits.length : '';
    }
    function next(step) {
      if (!hits.length) return;
      turn = (turn + step + hits.length) % hits.length;
      const n = nodes[hits[turn]];
      for (let g = n.group; g != null; g = groups[g].parent) closed.delete(g);
      update();
      choose(hits[turn]);
      byId('found').textContent = `${turn + 1}/${hits.length}`;
      center(n.at[0], n.at[1], Math.max(k, 0.8));
    }
    function choose(i) {
      if (chosen != null) nodes[chosen].el.classList.remove('chosen');
      edges.forEach(e => e.el && e.el.classList.toggle('near', i != null && (e.from === i || e.to === i)));
      chosen = i;
      const panel = byId('details');
      panel.hidden = i == null;
      if (i == null) return;
      const n = nodes[i];
      n.el.classList.add('chosen');
      const list = document.createElement('dl'), title = document.createElement('h2'), shut = document.createElement('button');
      title.textContent = n.title; shut.textContent = '×'; shut.setAttribute('aria-label', 'Close');
      shut.addEventListener('click', () => choose(null));
      for (const d of n.details) {
        const [name, value] = [document.createElement('dt'), document.createElement('dd')];
        name.textContent = d.name; value.textContent = d.text;
        list.append(name, value);
      }
      panel.replaceChildren(shut, title, list);
    }

    """

  private static let controls = """
    nodes.forEach((n, i) => n.el.addEventListener('click', e => { if (!moved) { choose(chosen === i ? null : i); e.stopPropagation(); } }));
    groups.forEach((g, i) => g.el.querySelectorAll('text').forEach(title => title.addEventListener('click', () => {
      if (moved) return;
      closed.add(i);
      update();
      keep(g.box.el.getBoundingClientRect());
    })));
    // A box that was closed far above stays in view.
    function keep(r) {
      const f = stage.getBoundingClientRect();
      if (r.top < f.top || r.bottom > f.bottom) { ty += f.top + 80 - r.top; show(); }
    }
    function foldAttention(isOn) {
      groups.forEach((g, i) => { if (g.isBlock) { if (isOn) closed.add(i); else closed.delete(i); } });
      byId('attention').setAttribute('aria-pressed', isOn);
    }
    function foldTo(depth) {
      const isOn = byId('attention').getAttribute('aria-pressed') === 'true';
      closed.clear();
      if (depth !== '') groups.forEach((g, i) => { if (g.depth > +depth) closed.add(i); });
      if (isOn) foldAttention(true);
    }
    // Says what the strongest color of the shown picture stands for.
    function legend() {
      const key = { 'heat-macs': 'macs', 'heat-time': 'ms' }[svg.getAttribute('class')], whole = key && data[key];
      const part = most(shownCosts.map(n => [0, key && n[key] || 0]), 1);
      document.documentElement.classList.toggle('heated', whole > 0 && part > 0);
      if (whole > 0) byId('most').textContent = `up to ${(100 * part / whole).toFixed(1)} % of the ${key === 'ms' ? 'time' : 'MACs'}`;
    }
    function heat(name) { svg.setAttribute('class', 'heat-' + name); byId('heat').value = name; legend(); }
    byId('attention').addEventListener('click', e => { foldAttention(e.target.getAttribute('aria-pressed') !== 'true'); place(); home(); });
    byId('depth').addEventListener('change', e => { foldTo(e.target.value); place(); home(); });
    byId('heat').addEventListener('change', e => heat(e.target.value));
    byId('find').addEventListener('input', e => find(e.target.value));
    byId('find').addEventListener('keydown', e => { if (e.key === 'Enter') next(e.shiftKey ? -1 : 1); });
    byId('in').addEventListener('click', () => zoom(1.3, stage.clientWidth / 2, stage.clientHeight / 2));
    byId('out').addEventListener('click', () => zoom(1 / 1.3, stage.clientWidth / 2, stage.clientHeight / 2));
    byId('fit').addEventListener('click', fit);
    window.addEventListener('keydown', e => {
      if (e.key === 'Escape') { byId('find').value = ''; find(''); choose(null); document.activeElement.blur(); return; }
      if (/^(INPUT|SELECT)$/.test(document.activeElement.tagName) || e.ctrlKey || e.metaKey || e.altKey) return;
      const step = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] }[e.key];
      if (step) { tx += step[0]; ty += step[1]; show(); }
      else if (e.key === '+' || e.key === '=') byId('in').click();
      else if (e.key === '-') byId('out').click();
      else if (e.key === '0') fit();
      else if (e.key === '/') byId('find').focus();
      else return;
      e.preventDefault();
    });
    // "#fold=attention&depth=1&heat=time&find=Conv&view=fit" opens the page in that state.
    const wishes = new URLSearchParams(location.hash.slice(1));
    if (wishes.has('depth')) { byId('depth').value = wishes.get('depth'); foldTo(wishes.get('depth')); }
    if (wishes.get('fold') === 'attention') foldAttention(true);
    if (wishes.has('heat')) heat(wishes.get('heat'));
    const begin = () => { if (wishes.get('view') === 'fit') fit(); else home(); };
    place();
    begin();
    // Until somebody moves it the picture follows the size of the window.
    let isUntouched = true;
    for (const name of ['pointerdown', 'wheel', 'keydown']) window.addEventListener(name, () => { isUntouched = false; });
    window.addEventListener('resize', () => { if (isUntouched && !hits.length) begin(); });
    if (wishes.has('find')) { byId('find').value = wishes.get('find'); find(wishes.get('find')); if (wishes.has('go')) next(1); }

    """
}
