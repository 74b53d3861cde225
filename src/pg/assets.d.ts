/** Files that go into the binary whole; what is imported is where they can be read. */
declare module "*.tar.gz" {
  const path: string;
  export default path;
}
declare module "*.data" {
  const path: string;
  export default path;
}
declare module "*.wasm" {
  const path: string;
  export default path;
}
