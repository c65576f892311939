/**
 * What a guest can ask of a network. No policy grants any of it yet, so each request is one denial on record, and the
 * shim answers the error that WIT names.
 */
import type { Guard } from '../../kernel/guard.ts';

export type AddressFamily = 'ipv4' | 'ipv6';

export function refuseTcpSocket(guard: Guard, family: AddressFamily): void {
  guard.refuse('create-tcp-socket', family);
}

export function refuseUdpSocket(guard: Guard, family: AddressFamily): void {
  guard.refuse('create-udp-socket', family);
}

/** @param name as the guest wrote it */
export function refuseLookup(guard: Guard, name: string): void {
  guard.refuse('resolve-addresses', name);
}
