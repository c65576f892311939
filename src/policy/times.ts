import { formatDuration, parseDuration } from './duration.ts';
import { formatInstant, parseInstant } from './instant.ts';
import type { Path, Report } from './source.ts';
import { asString, readUnit } from './values.ts';

/** Reads a duration. @returns its normal form */
export function readDuration(duration: unknown, path: Path, report: Report): string | undefined {
  const nanoseconds = readUnit(duration, path, report, parseDuration);
  return nanoseconds === undefined ? undefined : formatDuration(nanoseconds);
}

/** Reads an instant. @returns its normal form */
export function readInstant(instant: unknown, path: Path, report: Report): string | undefined {
  const nanoseconds = readUnit(asString(instant), path, report, (value) => parseInstant(String(value)));
  return nanoseconds === undefined ? undefined : formatInstant(nanoseconds);
}
