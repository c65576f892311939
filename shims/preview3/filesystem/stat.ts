import type { Status } from '../../../src/virtual/error-code.ts';
import { metadataHash } from '../../../src/virtual/filesystem/metadata-hash.ts';
import { NO_TIME } from '../../../src/virtual/filesystem/timestamps.ts';
import { FileType, type Stat } from '../../../src/virtual/filesystem/volume.ts';
import type { Result } from '../../canonical-abi/values.ts';
import { instantOf } from '../clocks/instant.ts';
import type {
  DescriptorStat,
  DescriptorType,
  FilesystemErrorCode,
  Instant,
  MetadataHashValue,
} from '../wit.ts';
import { failed } from './error-code.ts';

const TYPES: Readonly<Record<FileType, DescriptorType>> = {
  [FileType.unknown]: { tag: 'other', val: undefined },
  [FileType.blockDevice]: { tag: 'block-device' },
  [FileType.characterDevice]: { tag: 'character-device' },
  [FileType.directory]: { tag: 'directory' },
  [FileType.fifo]: { tag: 'fifo' },
  [FileType.symbolicLink]: { tag: 'symbolic-link' },
  [FileType.regularFile]: { tag: 'regular-file' },
  [FileType.socket]: { tag: 'socket' },
};

export function descriptorType(type: FileType): DescriptorType {
  return TYPES[type];
}

/** @returns a `result<descriptor-stat, error-code>` of what was stat-ed */
export function statResult(status: Status, stat: Stat): Result<DescriptorStat, FilesystemErrorCode> {
  if (status !== 0) return failed(status);
  const val = {
    type: descriptorType(stat.type),
    linkCount: BigInt(stat.linkCount),
    size: BigInt(stat.size),
    dataAccessTimestamp: timeOf(stat.accessed),
    dataModificationTimestamp: timeOf(stat.modified),
    statusChangeTimestamp: timeOf(stat.changed),
  };
  return { tag: 'ok', val };
}

function timeOf(nanoseconds: bigint): Instant | undefined {
  return nanoseconds === NO_TIME ? undefined : instantOf(nanoseconds);
}

/** @returns a `result<metadata-hash-value, error-code>` of what was stat-ed */
export function hashResult(status: Status, stat: Stat): Result<MetadataHashValue, FilesystemErrorCode> {
  if (status !== 0) return failed(status);
  const hash = metadataHash(stat);
  return { tag: 'ok', val: { lower: hash[0] as bigint, upper: hash[1] as bigint } };
}
