/** The names under which systems keep their C library, for calls that Bun has no word for. */

/** The first that is there is the one; on other systems there is none. */
export const cLibraries = [
  { name: "libc.so.6", system: "linux" },
  { name: "libc.musl-x86_64.so.1", system: "linux" },
  { name: "libc.musl-aarch64.so.1", system: "linux" },
  { name: "libSystem.B.dylib", system: "darwin" },
] as const;
