// Finds the program of this machine among the packages that npm installed. Runs in Node 18.
import { closeSync, openSync, readSync } from "node:fs";

/** Those whose package names what it is for, as npm wants it. */
const machines: readonly string[] = [
  "linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64",
];

/** Its path, or else the words of the error that says why there is none, and what to do. */
export function installedProgram(): { readonly path: string } | { readonly problem: string } {
  const machine = `${process.platform}-${process.arch}`;
  if (!machines.includes(machine)) {
    return {
      problem: `Error: there is no pgmate for this machine (${machine})\n`
        + `Next: run it where there is one: ${machines.join(", ")}\n`,
    };
  }
  const name = process.platform === "win32" ? "pgmate.exe" : "pgmate";
  const found = (process.platform === "linux" ? [machine, `${machine}-musl`] : [machine])
    .flatMap((one) => resolved(`@pgmate/${one}/bin/${name}`));
  const [first, second] = found;
  // Package managers that do not look at the C library install both.
  const path = second !== undefined && usesMusl() ? second : first;
  if (path !== undefined) return { path };
  return {
    problem: `Error: the package @pgmate/${machine} with the program is not installed\n`
      + "Next: install pgmate again, with its optional dependencies, on this machine: "
      + "`npm install pgmate`\n",
  };
}

function resolved(file: string): readonly string[] {
  try {
    return [require.resolve(file)];
  } catch {
    return [];
  }
}

/** The program that runs this names its loader near its beginning. */
function usesMusl(): boolean {
  const head = Buffer.alloc(4_096);
  const file = openSync(process.execPath, "r");
  readSync(file, head);
  closeSync(file);
  return head.includes("/ld-musl-");
}
