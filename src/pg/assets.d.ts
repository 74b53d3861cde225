/** Files that go into the binary whole; what is imported is where they can be read. */
declare module "*.zst" {
  const path: string;
  export default path;
}
declare module "*.wasm" {
  const path: string;
  export default path;
}
/** Its package has types for the functions around it only. */
declare module "libpg-query/wasm/libpg-query.js" {
  interface Making {
    readonly instantiateWasm: (
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance, compiled: WebAssembly.Module) => void,
    ) => WebAssembly.Exports;
  }
  const make: (making: Making) => Promise<import("./sql-parser.ts").ParserModule>;
  export default make;
}
