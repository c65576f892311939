import { figureOf, type Goal, isMet, type Row } from './row.ts';

const HEAD = ['what', 'ours', 'peer', 'figure', 'goal', ''] as const;

/** Columns of numbers are flush right. */
const RIGHT: ReadonlySet<number> = new Set([1, 2, 3]);

/**
 * @param judged whether to say which goals are met
 * @returns the rows as lines of text
 */
export function formatTable(rows: readonly Row[], judged: boolean): string {
  const cells = [HEAD, ...rows.map((row) => [...cellsOf(row), judged ? verdict(row) : ''])];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => formatLine(row, widths)).join('\n');
}

function formatLine(row: readonly string[], widths: readonly number[]): string {
  const padded = row.map((cell, column) => {
    const width = widths[column] ?? 0;
    return RIGHT.has(column) ? cell.padStart(width) : cell.padEnd(width);
  });
  return `  ${padded.join('  ').trimEnd()}`;
}

function cellsOf(row: Row): string[] {
  const { what, ours, peer, goal, unit } = row;
  return [
    what,
    formatAmount(ours, unit),
    peer === undefined ? '' : `${formatAmount(peer.time, unit)}  (${peer.name})`,
    formatFigure(row),
    goal === undefined ? 'reported' : formatGoal(goal, unit),
  ];
}

function verdict(row: Row): string {
  const met = isMet(row);
  if (met === undefined) return '';
  return met ? 'pass' : 'MISS';
}

function formatFigure(row: Row): string {
  const figure = figureOf(row);
  if (figure === undefined) return '';
  if (row.goal?.kind !== 'adds') return `${formatNumber(figure)}x`;
  return row.peer === undefined
    ? formatAmount(figure, row.unit)
    : `${figure < 0 ? '-' : '+'}${formatAmount(Math.abs(figure), row.unit)}`;
}

function formatGoal(goal: Goal, unit: Row['unit']): string {
  switch (goal.kind) {
    case 'faster':
      return `≥ ${goal.times}x faster`;
    case 'costs':
      return `≤ ${goal.times}x its time`;
    case 'adds':
      return `≤ ${formatAmount(goal.time, unit)}`;
  }
}

function formatAmount(amount: number, unit: Row['unit']): string {
  return unit === 'bytes' ? `${formatNumber(amount / 1024)} KiB` : formatTime(amount);
}

/** @param time nanoseconds */
function formatTime(time: number): string {
  if (time < 1000) return `${formatNumber(time)} ns`;
  if (time < 1e6) return `${formatNumber(time / 1000)} µs`;
  return `${formatNumber(time / 1e6)} ms`;
}

function formatNumber(value: number): string {
  return value < 100 ? value.toPrecision(3) : value.toFixed(0);
}
