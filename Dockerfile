# pgmate alone: the binary, the C library that it needs, CA certificates. No shell, no root.
#
#   docker build -t pgmate .
#   docker run --rm --read-only -v "$PWD/db:/db:ro" -e DATABASE_URL=postgres://… pgmate

FROM oven/bun:1.4.5-slim AS build
WORKDIR /build
# What seldom changes comes first: packages are fetched again only where one of these differs.
COPY package.json bun.lock ./
COPY src/pg/pglite-tools.patch src/pg/postgres.patch src/pg/
RUN bun install --frozen-lockfile --production
COPY tsconfig.json ./
COPY scripts scripts/
COPY src src/
RUN bun scripts/build.ts

FROM gcr.io/distroless/base-nossl-debian13:nonroot
LABEL org.opencontainers.image.title="pgmate" \
      org.opencontainers.image.description="Postgres migrations in plain SQL: one file per change, one binary, nothing else to install" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /build/dist/pgmate /pgmate
# As numbers, since Kubernetes' runAsNonRoot believes no name.
USER 65532:65532
WORKDIR /
ENTRYPOINT ["/pgmate"]
# A container that is told nothing migrates: it never shows its help and ends with 0 in front of
# a database that nobody has migrated.
CMD ["--wait", "--no-dump-schema", "up"]
