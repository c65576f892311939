import type { GuestOptions } from './guest-run.ts';

/** A mount of a host directory at /m under the rule `m`. */
export function hostMount(path: string, access: string | readonly string[], more: object = {}): GuestOptions {
  return {
    grant: { filesystem: [{ id: 'm', mount: '/m', host: 'tree', access, ...more }] },
    bindings: { directories: { tree: path } },
  };
}

export function memoryMount(access: string | readonly string[], more: object = {}): GuestOptions {
  return { grant: { filesystem: [{ id: 'm', mount: '/m', memory: {}, access, ...more }] } };
}
