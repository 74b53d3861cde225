// What Bun's runtime is made of: its LICENSE.md, its build and its Cargo.lock name these.
import type { Part } from "./part.ts";

const github = "https://github.com";
const crates = "https://crates.io/crates";
const liteSpeed = "Copyright (c) 2018-2023 LiteSpeed Technologies Inc";
const versions: Readonly<Record<string, string | undefined>> = process.versions;

type Row = readonly [name: string, licence: string, holders: string, source: string, key?: string];

/** The last word is the name under which the runtime tells its version or commit. */
const linked: readonly Row[] = [
  ["WebKit (JavaScriptCore)", "LGPL-2.0-or-later AND BSD-2-Clause",
    "Copyright (C) Apple Inc. and the WebKit contributors", `${github}/oven-sh/WebKit`, "webkit"],
  ["BoringSSL", "Apache-2.0 AND ISC AND MIT",
    "Copyright (c) The OpenSSL Project Authors, The BoringSSL Authors, Google Inc.",
    "https://boringssl.googlesource.com/boringssl", "boringssl"],
  ["brotli", "MIT", "Copyright (c) 2009, 2010, 2013-2016 by the Brotli Authors",
    `${github}/google/brotli`],
  ["libarchive", "BSD-2-Clause", "Copyright (c) 2003-2018 Tim Kientzle and others",
    `${github}/libarchive/libarchive`, "libarchive"],
  ["lol-html", "BSD-3-Clause", "Copyright (C) 2019, Cloudflare, Inc.",
    `${github}/cloudflare/lol-html`, "lolhtml"],
  ["ls-hpack", "MIT", liteSpeed, `${github}/litespeedtech/ls-hpack`, "lshpack"],
  ["ls-qpack", "MIT", liteSpeed, `${github}/litespeedtech/ls-qpack`],
  ["lsquic", "MIT AND BSD-3-Clause", `${liteSpeed}; Copyright The Chromium Authors`,
    `${github}/litespeedtech/lsquic`],
  ["mimalloc", "MIT", "Copyright (c) 2018-2025 Microsoft Corporation, Daan Leijen",
    `${github}/microsoft/mimalloc`, "mimalloc"],
  ["picohttpparser", "MIT", "Copyright (c) 2009-2014 Kazuho Oku, Tokuhiro Matsuno, "
    + "Daisuke Murase, Shigeo Mitsunari", `${github}/h2o/picohttpparser`, "picohttpparser"],
  ["zstd", "BSD-3-Clause", "Copyright (c) Meta Platforms, Inc. and affiliates",
    `${github}/facebook/zstd`, "zstd"],
  ["simdutf", "Apache-2.0 OR MIT", "Copyright 2021 The simdutf authors",
    `${github}/simdutf/simdutf`],
  ["tinycc", "LGPL-2.1-or-later", "Copyright (c) Fabrice Bellard and others",
    `${github}/oven-sh/tinycc`, "tinycc"],
  ["uSockets", "Apache-2.0", "Copyright Alex Hultman and contributors",
    `${github}/uNetworking/uSockets`],
  ["uWebSockets (a fork)", "Apache-2.0", "Copyright Alex Hultman and contributors",
    `${github}/jarred-sumner/uwebsockets`],
  ["zlib-ng", "Zlib", "Copyright (C) 1995-2024 Jean-loup Gailly and Mark Adler",
    `${github}/zlib-ng/zlib-ng`, "zlib"],
  ["c-ares", "MIT", "Copyright (c) 1998 Massachusetts Institute of Technology; Copyright (c) "
    + "2007-2023 Daniel Stenberg with many contributors", `${github}/c-ares/c-ares`, "ares"],
  ["ICU", "Unicode-3.0", "Copyright (c) 2016-2025 Unicode, Inc.",
    `${github}/unicode-org/icu`, "icu"],
  ["libbase64", "BSD-2-Clause", "Copyright (c) 2005-2007 Nick Galbreath; 2013-2022 Alfred Klomp; "
    + "2015-2018 Wojciech Muła; 2016-2017 Matthieu Darbois", `${github}/aklomp/base64`],
  ["libdeflate", "MIT", "Copyright 2016 Eric Biggers; Copyright 2024 Google LLC",
    `${github}/ebiggers/libdeflate`, "libdeflate"],
  ["libjpeg-turbo", "IJG AND BSD-3-Clause AND Zlib",
    "Copyright (C) 2009-2024 D. R. Commander; Copyright (C) 2015 Viktor Szathmáry; "
      + "Copyright (C) 1991-2020 Thomas G. Lane, Guido Vollbeding",
    `${github}/libjpeg-turbo/libjpeg-turbo`],
  ["libspng", "BSD-2-Clause AND libpng-2.0", "Copyright (c) 2018-2023 Randy; Copyright (c) "
    + "1995-2019 The PNG Reference Library Authors", `${github}/randy408/libspng`],
  ["libwebp", "BSD-3-Clause", "Copyright (c) 2010, Google Inc.", `${github}/webmproject/libwebp`],
  ["highway", "Apache-2.0 OR BSD-3-Clause", "Copyright 2019-2024 Google LLC",
    `${github}/google/highway`],
  ["uucode", "MIT", "Copyright (c) Jacob Sandlund", `${github}/jacobsandlund/uucode`],
  ["HdrHistogram_c", "CC0-1.0 OR BSD-2-Clause", "Gil Tene, Michael Barker, Matt Warren",
    `${github}/HdrHistogram/HdrHistogram_c`],
  ["SQLite", "blessing", "in the public domain", "https://sqlite.org", "sqlite"],
  ["llhttp", "MIT", "Copyright Fedor Indutny, 2018", `${github}/nodejs/llhttp`, "llhttp"],
  ["Node.js (parts of its library)", "MIT", "Copyright Node.js contributors; Copyright Joyent, "
    + "Inc. and other Node contributors", `${github}/nodejs/node`, "node"],
  ["esbuild (ported)", "MIT", "Copyright (c) 2020 Evan Wallace", `${github}/evanw/esbuild`],
  ["TigerBeetle (parts of its I/O)", "Apache-2.0", "Copyright TigerBeetle, Inc.",
    `${github}/tigerbeetle/tigerbeetle`],
  ["LLVM libc++abi (a fallback)", "Apache-2.0 WITH LLVM-exception",
    "Copyright (c) the LLVM project's contributors", `${github}/llvm/llvm-project`],
  ["Rust's standard library", "MIT OR Apache-2.0", "Copyright (c) The Rust Project Developers",
    `${github}/rust-lang/rust`],
  ["cssparser, dtoa-short, selectors", "MPL-2.0", "Copyright The Servo Project Developers",
    `${crates}/cssparser`],
  ["arrayref", "BSD-2-Clause", "Copyright (c) 2015 David Roundy", `${crates}/arrayref`],
  ["subtle", "BSD-3-Clause", "Copyright (c) 2016-2017 Isis Agora Lovecruft, Henry de Valence",
    `${crates}/subtle`],
];

/** From the registry of Rust, each under the name there; proc-macros leave nothing behind. */
const rustCrates = [
  "allocator-api2", "anyhow", "arrayvec", "base64", "bcrypt", "bitflags", "blake2",
  "blake2b_simd", "block-buffer", "blowfish", "bstr", "bumpalo", "bytemuck", "byteorder",
  "cfg-if", "cipher", "constant_time_eq", "const_format", "cpufeatures", "crossbeam-utils",
  "crypto-common", "digest", "dtoa", "either", "encoding_rs", "enum-map", "enumset",
  "equivalent", "errno", "fastrand", "fnv", "foldhash", "generic-array", "getrandom",
  "hashbrown", "indexmap", "inout", "itoa", "keccak", "konst", "libc", "linux-raw-sys", "log",
  "memchr", "mime", "new_debug_unreachable", "num-traits", "once_cell", "phf",
  "precomputed-hash", "rust-argon2", "rustc-hash", "rustix", "scopeguard", "servo_arc", "sha3",
  "siphasher", "smallvec", "stable_deref_trait", "strum", "thiserror", "typed-arena", "typenum",
  "zeroize",
].map((name): Row => [name, "MIT OR Apache-2.0", `the authors of ${name}`, `${crates}/${name}`]);

/** Put in where a program imports them, which pgmate does not; the runtime holds them still. */
const polyfills = [
  "acorn", "acorn-walk", "assert", "browserify-zlib", "buffer", "constants-browserify",
  "crypto-browserify", "domain-browser", "events", "https-browserify", "os-browserify",
  "path-browserify", "process", "punycode", "querystring-es3", "stream-browserify",
  "stream-http", "string_decoder", "timers-browserify", "tty-browserify", "url", "util",
  "vm-browserify",
].map((name): Row => {
  return [name, "MIT", `the authors of ${name}`, `https://www.npmjs.com/package/${name}`];
});

function part([name, licence, holders, source, key]: Row): Part {
  return { name, version: key && versions[key], licence, holders, source };
}

export const bun: Part = {
  name: "bun",
  version: versions["bun"],
  licence: "MIT",
  holders: "the authors of Bun",
  source: `${github}/oven-sh/bun`,
};

export const partsOfBun: readonly Part[] = [
  ...[...linked, ...rustCrates, ...polyfills].map(part),
  {
    name: "libuv",
    version: versions["uv"],
    licence: "MIT",
    holders: "Copyright (c) 2015-present libuv project contributors; Copyright Joyent, Inc.",
    source: `${github}/libuv/libuv`,
    only: ({ os }) => os === "win32",
  },
  {
    name: "GCC's libstdc++ and libgcc",
    licence: "GPL-3.0-or-later WITH GCC-exception-3.1",
    holders: "Copyright (C) Free Software Foundation, Inc.",
    source: "https://gcc.gnu.org",
    only: ({ libc }) => libc === "glibc",
  },
];
