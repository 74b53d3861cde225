// What the WebAssembly programs are made of: PGlite's Postgres, pg_dump and libpg_query.
import type { Part } from "./part.ts";
import { doubleMetaphone, nagayasu, spencer, warner } from "./postgres-notices.ts";

const github = "https://github.com";
const postgresSource = "https://www.postgresql.org/ftp/source/";

const postgres: Part = {
  name: "PostgreSQL",
  licence: "PostgreSQL",
  holders: "Portions Copyright (c) 1996-2025, PostgreSQL Global Development Group; Portions "
    + "Copyright (c) 1994, The Regents of the University of California",
  source: postgresSource,
};

const zlib: Part = {
  name: "zlib",
  licence: "Zlib",
  holders: "Copyright (C) 1995-2026 Jean-loup Gailly and Mark Adler",
  source: "https://zlib.net",
};

/** What the compiler links to a program. */
const linked: readonly Part[] = [
  {
    name: "Emscripten's libraries",
    licence: "MIT OR NCSA",
    holders: "Copyright (c) 2010-2026 Emscripten authors",
    source: `${github}/emscripten-core/emscripten`,
  },
  {
    name: "musl",
    licence: "MIT",
    holders: "Copyright (c) 2005-2020 Rich Felker, et al.",
    source: "https://musl.libc.org",
  },
  {
    name: "LLVM's compiler-rt, libc++ and libc++abi",
    licence: "Apache-2.0 WITH LLVM-exception",
    holders: "Copyright (c) the LLVM project's contributors",
    source: `${github}/llvm/llvm-project`,
  },
];

const partsOfPostgres: readonly Part[] = [
  {
    name: "PostgreSQL's regular expressions",
    licence: "PostgreSQL AND TCL AND LicenseRef-Spencer",
    holders: "Copyright (c) 1998, 1999 Henry Spencer; Sun Microsystems, Inc.; Scriptics "
      + "Corporation",
    source: postgresSource,
    notice: spencer,
  },
  {
    name: "Snowball",
    licence: "BSD-3-Clause",
    holders: "Copyright (c) 2001, Dr Martin Porter; Copyright (c) 2002, Richard Boulton",
    source: "https://snowballstem.org",
  },
  {
    name: "pgcrypto",
    licence: "BSD-2-Clause AND BSD-3-Clause",
    holders: "Copyright (c) 2001, 2005 Marko Kreen; Copyright (c) 1994 David Burren; Copyright "
      + "(C) 1995-1998 WIDE Project; Copyright (c) 2000-2001 Aaron D. Gifford",
    source: postgresSource,
  },
  {
    name: "fuzzystrmatch (dmetaphone)",
    licence: "LicenseRef-DoubleMetaphone",
    holders: "Copyright 2000, Maurice Aubrey; Copyright 2003, North Carolina State Highway Patrol",
    source: postgresSource,
    notice: doubleMetaphone,
  },
  {
    name: "pageinspect (btreefuncs)",
    licence: "LicenseRef-Nagayasu",
    holders: "Copyright (c) 2006 Satoshi Nagayasu",
    source: postgresSource,
    notice: nagayasu,
  },
];

type Row = readonly [name: string, version: string, licence: string, holders: string, at: string];

/** A version stands where the package says it. */
function parts(rows: readonly Row[]): readonly Part[] {
  return rows.map(([name, version, licence, holders, source]) => {
    return { name, licence, holders, source, ...(version === "" ? {} : { version }) };
  });
}

/** Keyed by the package that carries them. */
export const partsOfPackages: Readonly<Record<string, readonly Part[]>> = {
  "@electric-sql/pglite": [
    { ...postgres, version: "18.6" },
    ...partsOfPostgres,
    { ...zlib, version: "1.3.2" },
    ...linked,
    ...parts([
      ["OpenSSL", "3.0.17", "Apache-2.0", "Copyright (c) 1998-2025 The OpenSSL Project Authors",
        `${github}/openssl/openssl`],
      ["libxml2", "", "MIT", "Copyright (C) 1998-2012 Daniel Veillard",
        "https://gitlab.gnome.org/GNOME/libxml2"],
      ["OSSP uuid", "", "ISC", "Copyright (c) 2004-2008 Ralf S. Engelschall; Copyright (c) "
        + "2004-2008 The OSSP Project", "http://www.ossp.org/pkg/lib/uuid/"],
      ["tz", "", "LicenseRef-PublicDomain", "in the public domain",
        "https://www.iana.org/time-zones"],
      ["async-mutex", "0.4.1", "MIT", "Copyright (c) 2016 Christian Speckner",
        `${github}/DirtyHairy/async-mutex`],
      ["tinytar", "0.1.0", "MIT", "Copyright (c) 2016 Levko Kravets",
        `${github}/kravets-levko/tinytar`],
      ["pg-protocol", "", "MIT", "Copyright (c) 2010-2020 Brian Carlson",
        `${github}/brianc/node-postgres`],
    ]),
  ],
  "@electric-sql/pglite-tools": [
    {
      ...postgres,
      name: "pg_dump",
      version: "18",
      licence: "PostgreSQL AND LicenseRef-Warner",
      notice: warner,
    },
    zlib,
    ...linked,
  ],
  "libpg-query": [
    { ...postgres, version: "18" },
    ...linked,
    ...parts([
      ["libpg_query", "", "BSD-3-Clause", "Copyright (c) 2015-2023, Lukas Fittl",
        `${github}/pganalyze/libpg_query`],
      ["protobuf-c", "", "BSD-2-Clause", "Copyright (c) 2008-2022, Dave Benson and the "
        + "protobuf-c authors", `${github}/protobuf-c/protobuf-c`],
      ["xxHash", "", "BSD-2-Clause", "Copyright (c) 2012-2021 Yann Collet",
        `${github}/Cyan4973/xxHash`],
    ]),
  ],
};
