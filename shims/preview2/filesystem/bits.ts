import { DescriptorFlags, OpenFlags } from '../../../src/virtual/filesystem/descriptor.ts';
import { FileType } from '../../../src/virtual/filesystem/volume.ts';

/**
 * `descriptor-type` as guests get it, in the order of WIT. What a socket is called is `unknown`, as in Wasmtime: the adapter
 * that turns 0.1 into 0.2 traps on `socket`, so that one socket in a directory would end every C program that lists it.
 */
export function descriptorType(type: FileType): FileType {
  return type === FileType.socket ? FileType.unknown : type;
}

/** path-flags: symlink-follow */
export const SYMLINK_FOLLOW = 1;

/** The highest value of each type, for the Canonical ABI's checks. */
export const MAX_PATH_FLAGS = 1;
export const MAX_OPEN_FLAGS = 15;
export const MAX_DESCRIPTOR_FLAGS = 63;
export const MAX_ADVICE = 5;
export const MAX_NEW_TIMESTAMP = 2;

/** Flags as jco's bindings spell them: camel case, absent for false. */
export type PlainFlags<F> = { readonly [K in keyof F]?: boolean };

export type PlainDescriptorFlags = PlainFlags<typeof DescriptorFlags>;
export type PlainOpenFlags = PlainFlags<typeof OpenFlags>;
export interface PlainPathFlags {
  readonly symlinkFollow?: boolean;
}

export function descriptorBits(flags: PlainDescriptorFlags): number {
  return bits(DescriptorFlags, flags);
}

export function openBits(flags: PlainOpenFlags): number {
  return bits(OpenFlags, flags);
}

export function plainDescriptorFlags(value: number): PlainDescriptorFlags {
  return Object.fromEntries(
    Object.entries(DescriptorFlags).map(([name, bit]) => [name, (value & bit) !== 0]),
  );
}

function bits<F extends Readonly<Record<string, number>>>(all: F, flags: PlainFlags<F>): number {
  return Object.entries(all).reduce((value, [name, bit]) => (flags[name] === true ? value | bit : value), 0);
}
