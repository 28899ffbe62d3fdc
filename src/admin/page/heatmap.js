// Latency over time: a column a slice, a row a bucket, the darker the more requests.

import {byId, setText} from './dom.js';
import * as format from './format.js';
import {extent, grid, isEmpty, roundTimes} from './series.js';
import {colour, onThemeChange} from './theme.js';

const MARGIN = {
  left: 58,
  right: 8,
  top: 4,
  bottom: 20
};
const DECADES = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];

export class HeatMap {
  constructor(id, noteId) {
    this.canvas = byId(id);
    this.note = byId(noteId);
    this.cells = [];
    onThemeChange(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.canvas.parentElement);
    this.canvas.addEventListener('mousemove', (event) => this.tell(event.offsetX, event.offsetY));
    this.canvas.addEventListener('mouseleave', () => setText(this.note, ''));
  }

  show(series) {
    this.series = series;
    this.draw();
  }

  draw() {
    const {clientWidth: width, clientHeight: height} = this.canvas.parentElement;
    if (!this.series || width === 0) return;
    const sharp = devicePixelRatio || 1;
    this.canvas.width = width * sharp;
    this.canvas.height = height * sharp;
    const paper = this.canvas.getContext('2d');
    paper.scale(sharp, sharp);
    this.area = {
      left: MARGIN.left,
      top: MARGIN.top,
      width: width - MARGIN.left - MARGIN.right,
      height: height - MARGIN.top - MARGIN.bottom
    };
    this.drawCells(paper);
    this.drawAxes(paper);
    if (!isEmpty(this.series)) return;
    paper.font = '13px system-ui, sans-serif';
    paper.textAlign = 'center';
    paper.fillText('No request in this window', width / 2, height / 2);
  }

  drawCells(paper) {
    const {bounds, step_seconds: step} = this.series;
    const [from, to] = extent(this.series);
    const {left, top, width, height} = this.area;
    const rowHeight = height / Math.max(8, bounds.length);
    const column = (step * 1e3 * width) / (to - from);
    const most = Math.max(1, ...this.series.slices.flatMap((slice) => slice.buckets.map(([, n]) => n)));
    paper.fillStyle = colour('heat');
    this.cells = [];
    for (const place of grid(this.series)) {
      for (const [row, n] of place.slice?.buckets ?? []) {
        const x = left + ((place.at - from) / (to - from)) * width;
        const cell = {
          x: Math.max(left, x),
          y: top + height - (row + 1) * rowHeight,
          width: Math.min(column, left + width - x, x + column - left),
          height: rowHeight,
          at: place.at,
          row,
          n
        };
        if (cell.width <= 0) continue;
        paper.globalAlpha = 0.14 + 0.86 * (Math.log1p(n) / Math.log1p(most));
        paper.fillRect(cell.x, cell.y, Math.max(1, cell.width - (column > 3 ? 1 : 0)), Math.max(1, rowHeight - 1));
        this.cells.push(cell);
      }
    }
    paper.globalAlpha = 1;
  }

  drawAxes(paper) {
    const {bounds} = this.series;
    const [from, to] = extent(this.series);
    const {left, top, width, height} = this.area;
    paper.font = '12px system-ui, sans-serif';
    paper.fillStyle = colour('muted');
    paper.strokeStyle = colour('line');
    paper.textAlign = 'right';
    paper.textBaseline = 'middle';
    const rowHeight = height / Math.max(8, bounds.length);
    for (const decade of bounds.length ? DECADES : []) {
      const rows = 2 * Math.log2(decade / bounds[0]) + 1;
      if (rows < 0 || rows > Math.max(8, bounds.length)) continue;
      const y = top + height - rows * rowHeight;
      paper.fillText(format.brief(format.duration(decade)), left - 8, y);
      paper.beginPath();
      paper.moveTo(left, y);
      paper.lineTo(left + width, y);
      paper.stroke();
    }
    paper.textBaseline = 'alphabetic';
    paper.textAlign = 'center';
    const times = roundTimes(from, to, width);
    const withSeconds = times.length > 1 && (times[1] - times[0]) % 60e3 !== 0;
    for (const at of times)
      paper.fillText(format.shortTime(at, withSeconds), left + (width * (at - from)) / (to - from), top + height + 15);
  }

  tell(x, y) {
    const cell = this.cells.find((one) => x >= one.x && x < one.x + one.width && y >= one.y && y < one.y + one.height);
    if (!cell) return setText(this.note, '');
    const {bounds} = this.series;
    const low = cell.row ? bounds[cell.row - 1] : bounds[0] / Math.SQRT2;
    setText(this.note,
        `${format.time(cell.at)}: ${format.exact(cell.n)} took ${format.duration(low)} to ${
            format.duration(bounds[cell.row])}`);
  }
}
